"""Exports of the log: asked for once, written by whoever comes by, kept for some days."""

from datetime import timedelta
from typing import Any, Self

from django.conf import settings
from django.db import IntegrityError, connection, models, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from uuid_utils.compat import uuid7

from activity.export.parts import Parts
from activity.models.export_state import ExportState
from contacts.broker import Broker
from contacts.models.blocking import TooMany
from contacts.models.clock import silent

ABANDONED_AFTER = timedelta(minutes=1)  # without a sign of life
MOST_ACTIVE = 3  # of one person
MOST_ATTEMPTS = 5  # in a row that got nothing written


class ActivityExportQuerySet(models.QuerySet):
    """Exports by state and age."""

    def active(self) -> Self:
        """Return those that are waiting or running."""
        return self.filter(state__in=("queued", "running"))

    def abandoned(self) -> Self:
        """Return the active ones that nobody has worked on for a minute."""
        return self.active().filter(silent("touched_at", ABANDONED_AFTER))

    def finished(self) -> Self:
        """Return those whose file is there."""
        return self.filter(state="finished").exclude(file="")


class ActivityExport(ExportState):
    """A file of events on its way out.

    It is written in parts. `cursor` moves with each, under the row's lock, so that a worker that
    dies costs the part it was at: the next one writes that part anew, in its place, and no event
    stands in the file twice. The database is the queue, Celery only a nudge.
    """

    objects = ActivityExportQuerySet.as_manager()

    class Meta:
        db_table = "activity_export"
        verbose_name = gettext_lazy("export")
        verbose_name_plural = gettext_lazy("exports")
        default_permissions = ()
        ordering = ("-id",)
        indexes = [
            models.Index("made_by", F("id").desc(), name="export_by_maker"),
            models.Index(
                "touched_at",
                name="export_unfinished",
                condition=models.Q(state__in=("queued", "running")),
            ),
        ]

    @classmethod
    def ask(cls, pk: Any, **asked: Any) -> tuple[Self, bool]:
        """Return the export of that id and whether it is new; a repeat finds what it made before.

        `asked` are `made_by`, `query`, `complete` and `format`. The id counts for the same request
        only, and for a finished file only for a minute: later there are new events to be had.
        Raises TooMany where the same person waits for MOST_ACTIVE others.
        """
        found = cls.objects.filter(pk=pk).first()
        if found and found.is_repeated_by(cls(**asked)):
            return found, False
        active = cls.objects.active().filter(made_by=asked["made_by"])
        if active.count() >= MOST_ACTIVE:
            raise TooMany(
                _("%(count)s of your exports are not finished yet. Wait for one, or stop one.")
                % {"count": MOST_ACTIVE}
            )
        try:
            with transaction.atomic():
                return cls.objects.create(pk=uuid7() if found else pk, **asked), True
        except IntegrityError:  # the other press of a double click was faster
            return cls.ask(pk, **asked)

    @property
    def parts(self) -> Parts:
        """Return where its file lies."""
        return Parts(str(self.pk))

    def nudge(self) -> None:
        """Tell a worker that there is something to do; where that fails, `sweep` does it later."""
        Broker.tell("activity.tasks.run_export", self.pk, actor=self.made_by_id)

    @transaction.atomic
    def claim(self) -> bool:
        """Begin to work on it, or go on. False where it is over, or may not be had any more."""
        self._lock()
        if not self.is_active:
            return False
        if not self.may_be_had_by(self.made_by):
            self.fail(_("Who asked for this may not have it any more."))
            return False
        if self.attempts >= MOST_ATTEMPTS:
            gave_up = _("This stopped %(count)s times at the same place. Ask for it again.")
            self.fail(gave_up % {"count": self.attempts})
            return False
        self.state, self.file = self.State.RUNNING, str(self.pk)
        self.attempts += 1
        self._save("state", "file", "attempts")
        return True

    @transaction.atomic
    def begin(self, ceiling: int, total: int) -> bool:
        """Note up to which event it goes, and how many those are. False where it was stopped.

        Waits for the contacts that are being deleted: from now on a deletion sees this export.
        """
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('annals.export'))")
        return self._advance(ceiling=ceiling, total=total)

    def advance(self, count: int, cursor: int) -> bool:
        """Note that so many more events are written, up to that one.

        False where it was stopped meanwhile, or has to start anew: what was written then counts
        for nothing.
        """
        return self._advance(done=self.done + count, cursor=cursor, attempts=0)

    def finish(self, **result: Any) -> bool:
        """Note what came of it: `size`, `sha256`, `checkpoint`. False where it was stopped."""
        now = timezone.now()
        expiry = now + timedelta(days=settings.EXPORT_DAYS)
        over = {"state": self.State.FINISHED, "finished_at": now, "expires_at": expiry}
        return self._advance(**over, **result)

    def cancel(self) -> bool:
        """End it early, without a file. Returns False where it was over."""
        return self._end(self.State.CANCELLED)

    def fail(self, error: str) -> bool:
        """End it without a file because it cannot be written. Returns False where it was over."""
        return self._end(self.State.FAILED, error)

    @transaction.atomic
    def let_go(self) -> None:
        """Take its file away, and what was searched for; that it was made stays."""
        self.file = self.query = ""
        self._save("file", "query")
        transaction.on_commit(self.parts.delete, robust=True)

    @transaction.atomic
    def restart(self) -> None:
        """Have what is written so far written anew, as some of it must not be there any more.

        Its worker notices by the next part.
        """
        self.ceiling = self.cursor = self.done = 0
        self._save("ceiling", "cursor", "done")

    @classmethod
    @transaction.atomic
    def sweep(cls) -> None:
        """Nudge for the exports that lost their worker."""
        for export in cls.objects.abandoned().select_for_update(skip_locked=True):
            export._save()
            transaction.on_commit(export.nudge, robust=True)

    @classmethod
    @transaction.atomic
    def expire(cls) -> None:
        """Take away the files whose EXPORT_DAYS are over, and what is left of others."""
        overdue = cls.objects.finished().filter(expires_at__lte=timezone.now())
        for export in overdue.select_for_update(skip_locked=True):
            export.let_go()
        kept = set(cls.objects.exclude(file="").values_list("file", flat=True))
        for parts in Parts.all():
            if parts.folder not in kept:
                parts.delete()

    def _lock(self) -> None:
        self.refresh_from_db(from_queryset=type(self).objects.select_for_update())

    @transaction.atomic
    def _advance(self, **values: Any) -> bool:
        position = self.ceiling, self.cursor
        self._lock()
        if not self.is_active or (self.ceiling, self.cursor) != position:
            return False
        for name, value in values.items():
            setattr(self, name, value)
        self._save(*values)
        return True

    @transaction.atomic
    def _end(self, state: str, error: str = "") -> bool:
        self._lock()
        if not self.is_active:
            return False
        self.state, self.error, self.finished_at = state, error, timezone.now()
        self._save("state", "error", "finished_at")
        self.let_go()
        return True

    def _save(self, *names: str) -> None:
        self.touched_at = timezone.now()
        self.save(update_fields=["touched_at", *names])
