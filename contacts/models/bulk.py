"""Bulk actions: one action on up to 10,000 contacts, how far it got, and how it goes on."""

import logging
from datetime import timedelta
from typing import Any, Self

from django.conf import settings
from django.contrib.humanize.templatetags.humanize import intcomma
from django.db import DataError, IntegrityError, models, transaction
from django.dispatch import Signal
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.broker import Broker
from contacts.models.blocking import Blocked, TooMany
from contacts.models.bulk_query import BulkRunQuerySet
from contacts.models.bulk_skip import BulkSkip, Skipped
from contacts.models.bulk_state import BulkState
from contacts.models.contact import Contact
from contacts.models.contact_query import ContactQuerySet

logger = logging.getLogger(__name__)

# Sent with `run` when a bulk action is over, however it ended, inside that transaction.
bulk_finished = Signal()

MOST_CONTACTS = 10_000  # of one run
MOST_ATTEMPTS = 5  # in a row that got no contact done
MOVING = ("state", "done", "acted", "skipped", "failed")  # columns that each contact changes


class Unselectable(Exception):
    """Nobody was chosen, or too many; as text, a sentence that says what to do."""


class BulkRun(BulkState):
    """One action on many contacts.

    `done` is the cursor: that many of `contact_ids` are dealt with. A contact and its step of the
    cursor are one transaction, so that whatever happens nobody is dealt with twice; the ids of
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
        ids = sorted(contacts.order_by().values_list("pk", flat=True)[: MOST_CONTACTS + 1])
        if not ids:
            raise Unselectable(_("Choose at least one contact."))
        if len(ids) > MOST_CONTACTS:
            raise Unselectable(
                _("These are more than %(limit)s contacts. Narrow the list, then select again.")
                % {"limit": intcomma(MOST_CONTACTS)}
            )
        return cls.objects.create(
            action=action, contact_ids=ids, total=len(ids), started_by=by, query=query
        )

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
        """Act on what is left, one by one, until it is finished, stopped or taken over."""
        with translation.override(self.started_by.language):
            if not self._claim():
                return
            for contact_id in self.contact_ids[self.done :]:
                if not self._take(contact_id):
                    return
            self._end(self.State.FINISHED)

    def stop(self) -> bool:
        """End it early; what is done stays done. Returns False where it was over."""
        return self._end(self.State.STOPPED)

    def undo(self, by: Any) -> "BulkRun | None":
        """Start taking back what it did, for exactly those with whom it did something."""
        if not self.may_undo:
            return None
        left_out = set(self.skips.values_list("contact_id", flat=True))
        ids = [pk for pk in self.contact_ids[: self.done] if pk not in left_out]
        run = BulkRun.objects.create(
            action="restore",
            parameters={"reason": ""},
            contact_ids=ids,
            total=len(ids),
            started_by=by,
            query=self.query,
        )
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
        self.refresh_from_db(from_queryset=type(self).objects.select_for_update())
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

    def _take(self, contact_id: Any) -> bool:
        """Deal with one contact and move the cursor, or nothing. False where somebody else did."""
        with transaction.atomic():
            position = self.done
            rows = type(self).objects.select_for_update()
            self.refresh_from_db(fields=MOVING, from_queryset=rows)
            if not self.is_active or self.done != position:
                return False
            reason = self._act_on(contact_id)
            if reason:
                BulkSkip.objects.create(run=self, contact_id=contact_id, reason=reason)
            self.done += 1
            self.acted += not reason
            self.failed += reason == BulkSkip.Reason.ERROR
            self.skipped = self.done - self.acted - self.failed
            self.attempts, self.touched_at = 0, timezone.now()
            self.save(update_fields=[*MOVING, "attempts", "touched_at"])
        return True

    def _act_on(self, contact_id: Any) -> str:
        """Do it with one contact; return why nothing was done, or an empty string."""
        try:
            with transaction.atomic():
                rows = Contact.objects.unmerged().select_for_update()
                contact = rows.filter(pk=contact_id).first()
                if contact is None:
                    return BulkSkip.Reason.DELETED
                return "" if self.kind.act(self, contact) else BulkSkip.Reason.ALREADY
        except (Skipped, Blocked) as obstacle:
            return obstacle.reason
        except TooMany:
            return BulkSkip.Reason.OFTEN
        except (DataError, IntegrityError, ValueError):
            logger.exception("Bulk action %s failed for contact %s", self.pk, contact_id)
            return BulkSkip.Reason.ERROR

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
