"""Bulk actions: one action on many contacts, how far it got, and how it goes on."""

from datetime import timedelta
from typing import Any, Self

from django.conf import settings
from django.contrib.humanize.templatetags.humanize import intcomma
from django.contrib.postgres.expressions import ArraySubquery
from django.db import models, transaction
from django.db.models import F, Func
from django.db.models.expressions import RawSQL
from django.dispatch import Signal
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.broker import Broker
from contacts.ending import ending
from contacts.models.blocking import TooMany
from contacts.models.bulk_batch import act_on
from contacts.models.bulk_query import BulkRunQuerySet
from contacts.models.bulk_skip import BulkSkip
from contacts.models.bulk_state import BulkState
from contacts.models.contact_query import ContactQuerySet

# Sent with `run` when a bulk action is over, however it ended, inside that transaction.
bulk_finished = Signal()

MOST_CONTACTS = 1_000_000  # of one run
MOST_MAILED = 10_000  # of one that sends mail
BATCH = 200  # contacts of one transaction, where no mail is sent
MOST_ATTEMPTS = 5  # in a row that got no contact done
MOVING = ("state", "done", "acted", "skipped", "failed")  # columns that each contact changes


# The ids of those with whom a run did something.
ACTED_ON = """ARRAY(
    SELECT chosen.id FROM contacts_bulkrun AS run, unnest(run.contact_ids[:run.done]) AS chosen (id)
    WHERE run.id = %s AND NOT EXISTS (
        SELECT 1 FROM contacts_bulkskip WHERE run_id = %s AND contact_id = chosen.id
    ) ORDER BY 1)"""


class Unselectable(Exception):
    """Nobody was chosen, or too many; as text, a sentence that says what to do."""


class BulkRun(BulkState):
    """One action on many contacts.

    `done` is the cursor: that many of `contact_ids` are dealt with. A batch of contacts, or one who
    gets mail, and their step of the cursor are one transaction, so that whatever happens nobody is
    dealt with twice; the ids of
    messages and invitations follow from run and contact besides. A run that lost its worker goes on
    from there; the database is the queue, Celery only a nudge.
    """

    objects = BulkRunQuerySet.as_manager()

    class Meta:
        verbose_name = gettext_lazy("bulk action")
        verbose_name_plural = gettext_lazy("bulk actions")
        default_permissions = ()
        ordering = ("-id",)
        indexes = [
            models.Index(
                "touched_at",
                name="bulk_unfinished",
                condition=models.Q(state__in=("draft", "queued", "running")),
            )
        ]

    @classmethod
    def select(cls, action: str, contacts: ContactQuerySet, by: Any, query: str = "") -> Self:
        """Fix for whom an action is, as a draft. Raises Unselectable for nobody or too many."""
        run = cls(action=action, contact_ids=[], total=0, started_by=by, query=query)
        most = MOST_MAILED if run.kind.mails else MOST_CONTACTS
        run.save(force_insert=True)
        # Chosen and kept within the database: a million ids are no affair of this process.
        run._keep_ids(ArraySubquery(contacts.order_by("pk").values("pk")[: most + 1]))
        if 0 < run.total <= most:
            return run
        total = run.total
        run.delete()
        if not total:
            raise Unselectable(_("Choose at least one contact."))
        raise Unselectable(
            _("These are more than %(limit)s contacts. Narrow the list, then select again.")
            % {"limit": intcomma(most)}
        )

    def _keep_ids(self, ids: Any) -> None:
        """Take the array of ids that this expression is in the database."""
        here = type(self).objects.filter(pk=self.pk)
        here.update(contact_ids=ids)
        here.update(total=Func(F("contact_ids"), function="cardinality"))
        self.refresh_from_db(fields=["total"])
        del self.contact_ids  # read when asked for

    def _ids(self, first: int, count: int) -> list[Any]:
        """Return some of `contact_ids`, without reading all."""
        slices = type(self).objects.filter(pk=self.pk)
        return slices.values_list(f"contact_ids__{first}_{first + count}", flat=True).get()

    def draft(self, parameters: dict[str, Any]) -> None:
        """Keep what is to be done, to be looked at before it starts."""
        self.parameters, self.touched_at = parameters, timezone.now()
        self.save(update_fields=["parameters", "touched_at"])

    def start(self, *, by_worker: bool = True) -> bool:
        """Queue a draft. Returns False where it was started before; raises TooMany above limits.

        A caller who runs it in its own process says so by `by_worker=False`.
        """
        if not self.is_draft:
            return False
        if self.action == "invite":
            self._require_room()
        self.state = self.State.QUEUED
        self.started_at = self.touched_at = timezone.now()
        self.save(update_fields=["state", "started_at", "touched_at"])
        if by_worker:
            transaction.on_commit(self.nudge, robust=True)
        return True

    def nudge(self) -> None:
        """Tell a worker that there is something to do; where that fails, `sweep` does it later."""
        task = "contacts.tasks.run_bulk"
        Broker.tell(task, self.pk, actor=self.started_by_id, channel="bulk")

    def run(self) -> None:
        """Act on what is left, batch by batch, until it is finished, stopped or taken over.

        A worker that is asked to end hands it back.
        """
        size = 1 if self.kind.mails else BATCH
        with translation.override(self.started_by.language):
            if not self._claim():
                return
            while self.left:
                if not self._take(self._ids(self.done, size)):
                    return
                if ending.is_set():
                    self.nudge()
                    return
            self._end(self.State.FINISHED)

    def stop(self) -> bool:
        """End it early; what is done stays done. Returns False where it was over."""
        return self._end(self.State.STOPPED)

    def undo(self, by: Any) -> "BulkRun | None":
        """Start taking back what it did, for exactly those with whom it did something."""
        if not self.may_undo:
            return None
        run = BulkRun.objects.create(
            action="restore",
            parameters={"reason": ""},
            contact_ids=[],
            total=0,
            started_by=by,
            query=self.query,
        )
        run._keep_ids(RawSQL(ACTED_ON, [self.pk, self.pk]))  # noqa: S611 - a text of our own
        run.start()
        return run

    @classmethod
    @transaction.atomic
    def sweep(cls) -> None:
        """Nudge for the runs that lost their worker, and let go of the drafts nobody started."""
        cls.objects.forgotten().delete()
        abandoned = cls.objects.abandoned().defer("contact_ids")
        for run in abandoned.select_for_update(skip_locked=True):
            run.touched_at = timezone.now()
            run.save(update_fields=["touched_at"])
            transaction.on_commit(run.nudge, robust=True)

    def _require_room(self) -> None:
        """Raise TooMany where somebody would invite more within a day than is allowed."""
        limit = settings.INVITATIONS_IN_BULK_A_DAY
        used = self.started_by.bulk_runs.invited(timedelta(days=1))
        if used + self.expected > limit:
            raise TooMany(
                _(
                    "Within a day %(limit)s invitations can be sent in bulk, and you have sent "
                    "%(used)s. Choose fewer contacts, or go on tomorrow."
                )
                % {"limit": intcomma(limit), "used": intcomma(used)}
            )

    @transaction.atomic
    def _claim(self) -> bool:
        fields = [f.name for f in self._meta.concrete_fields if f.name != "contact_ids"]
        self.refresh_from_db(fields=fields, from_queryset=type(self).objects.select_for_update())
        if not self.is_active:
            return False
        if not self.started_by.has_perms(self.kind.permissions(self.parameters)):
            self._end(self.State.FAILED, _("Who started this may not do it any more."))
            return False
        if self.attempts >= MOST_ATTEMPTS:
            gave_up = _("This stopped %(count)s times at the same contact. What is done stays.")
            self._end(self.State.FAILED, gave_up % {"count": self.attempts})
            return False
        self.state, self.touched_at = self.State.RUNNING, timezone.now()
        self.attempts += 1
        self.save(update_fields=["state", "touched_at", "attempts"])
        return True

    def _take(self, contact_ids: list[Any]) -> bool:
        """Deal with some contacts and move the cursor, or nothing. False where others did."""
        with transaction.atomic():
            position = self.done
            rows = type(self).objects.select_for_update()
            self.refresh_from_db(fields=MOVING, from_queryset=rows)
            if not self.is_active or self.done != position:
                return False
            reasons = act_on(self, contact_ids)
            left_out = {pk: reason for pk, reason in reasons.items() if reason}
            BulkSkip.objects.bulk_create(
                BulkSkip(run=self, contact_id=pk, reason=reason) for pk, reason in left_out.items()
            )
            if self.kind.afterwards and len(left_out) < len(reasons):
                self.kind.afterwards(self)
            self.done += len(reasons)
            self.acted += len(reasons) - len(left_out)
            self.failed += list(left_out.values()).count(BulkSkip.Reason.ERROR)
            self.skipped = self.done - self.acted - self.failed
            self.attempts, self.touched_at = 0, timezone.now()
            self.save(update_fields=[*MOVING, "attempts", "touched_at"])
        return True

    @transaction.atomic
    def _end(self, state: str, problem: str = "") -> bool:
        rows = type(self).objects.select_for_update()
        self.refresh_from_db(fields=MOVING, from_queryset=rows)
        if not self.is_active:
            return False
        self.state, self.problem = state, problem
        self.touched_at = self.finished_at = timezone.now()
        if self.kind.mails:
            self.parameters = {}  # the text is in the messages now, and goes when they go
        self.save(update_fields=["state", "problem", "parameters", "touched_at", "finished_at"])
        bulk_finished.send(sender=BulkRun, run=self)
        return True
