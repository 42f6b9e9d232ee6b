"""Imports of contacts from files: what a run is, how far it got, and how it goes on."""

import logging
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import islice
from typing import Self

from django.db import models, transaction
from django.dispatch import Signal
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.broker import Broker
from contacts.ending import ending
from contacts.importing.ahead import ahead
from contacts.importing.records import Record
from contacts.importing.text import UnreadableFile
from contacts.models.import_batch import Batch
from contacts.models.import_failure import ImportFailure
from contacts.models.import_memory import Remembered
from contacts.models.import_query import ImportRunQuerySet
from contacts.models.import_receiving import Receivable
from contacts.models.import_reverting import Revertible
from contacts.models.import_state import ImportState

logger = logging.getLogger(__name__)

# Sent with `run` when somebody starts an import, inside the transaction that starts it.
import_started = Signal()

# Sent with `run` when an import is over, however it ended, inside the transaction that ends it.
import_finished = Signal()

BATCH = 500  # rows of one transaction
SAMPLES = 10  # rows of each kind that a dry run shows
MOST_ATTEMPTS = 5  # in a row that got no batch done
COUNTERS = ("done", "created", "updated", "skipped", "failed")


class ImportRun(Receivable, Remembered, Revertible, ImportState):
    """A file of contacts on its way in.

    `done` is the cursor: that many rows are dealt with, in the same transactions that count them.
    A run that lost its worker goes on from there; the database is the queue, Celery only a nudge.
    The file goes when the run is over, but not after a dry run.
    """

    objects = ImportRunQuerySet.as_manager()

    class Meta:
        verbose_name = gettext_lazy("import")
        verbose_name_plural = gettext_lazy("imports")
        default_permissions = ()
        ordering = ("-id",)
        indexes = [
            models.Index(
                "touched_at",
                name="import_unfinished",
                condition=models.Q(state__in=("draft", "queued", "running", "reverting"))
                | models.Q(dry_run=True),
            )
        ]

    @transaction.atomic
    def start(
        self,
        targets: list[str],
        *,
        source: str = "",
        existing: str = ImportState.Existing.SKIP,
        dry_run: bool = False,
        by_worker: bool = True,
    ) -> bool:
        """Queue what is still open; `targets` says where its columns go. False where it is not.

        A `dry_run` finds out what would happen and leaves it open. A caller who runs it in its own
        process says so by `by_worker=False`.
        """
        if not self.is_open:
            return False
        self._forget_dry_run()
        self.targets, self.source, self.existing = targets, source, existing
        self.dry_run, self.state, self.touched_at = dry_run, self.State.QUEUED, timezone.now()
        self.save()
        if not dry_run:
            import_started.send(sender=ImportRun, run=self)
        if by_worker:
            transaction.on_commit(self.nudge, robust=True)
        return True

    def nudge(self) -> None:
        """Tell a worker that there is something to do; where that fails, `sweep` does it later."""
        task, channel = "contacts.tasks.run_import", "import"
        reverts = self.state == self.State.REVERTING
        actor = self.reverted_by_id if reverts else self.started_by_id
        Broker.tell(task, self.pk, actor=actor, channel=channel)

    def run(self, progress: Callable[[Self], None] | None = None) -> None:
        """Do what is left, batch by batch, until it is over, stopped or taken over.

        A worker that is asked to end hands it back. `progress` is called after each batch of an
        import.
        """
        if self.state == self.State.REVERTING:
            self.take_away()
            return
        with translation.override(self.started_by.language if self.started_by else None):
            if not self._claim():
                return
            try:
                with (
                    self.records(skip=self.done) as records,
                    closing(ahead(self._batches(records))) as batches,
                ):
                    for batch in batches:
                        if not self._take(batch):
                            return
                        if progress:
                            progress(self)
                        if ending.is_set():
                            self.nudge()
                            return
            except UnreadableFile as error:
                self._fail(str(error))
            except OSError:
                logger.exception("The file of import %s cannot be opened", self.pk)
                self._fail(_("The file is no longer there. Upload it again."))
            else:
                self._end(self.State.FINISHED)

    def stop(self) -> bool:
        """End an import early; what is in stays in. Returns False where it was over."""
        return self.state != self.State.REVERTING and self._end(self.State.STOPPED)

    @transaction.atomic
    def discard(self) -> None:
        """Forget a draft together with its file."""
        self._let_go_of_file()
        self.delete()

    @classmethod
    @transaction.atomic
    def sweep(cls) -> None:
        """Nudge for the runs that lost their worker, and let go of the drafts nobody started."""
        for run in cls.objects.abandoned().select_for_update(skip_locked=True):
            run.touched_at = timezone.now()
            run.save(update_fields=["touched_at"])
            transaction.on_commit(run.nudge, robust=True)
        for run in cls.objects.forgotten().select_for_update(skip_locked=True):
            run.discard()

    def _forget_dry_run(self) -> None:
        self.failures.all().delete()
        self.imported.all().delete()
        self.samples, self.problem, self.attempts = [], "", 0
        self.started_at = self.finished_at = None
        for name in COUNTERS:
            setattr(self, name, 0)

    @transaction.atomic
    def _claim(self) -> bool:
        self._lock()
        if not self.is_active:
            return False
        if self.attempts >= MOST_ATTEMPTS:
            gave_up = _("This stopped %(count)s times at the same place. What is done stays done.")
            end = self._stop_reverting if self.state == self.State.REVERTING else self._fail
            end(gave_up % {"count": self.attempts})
            return False
        now = timezone.now()
        if self.state == self.State.QUEUED:
            self.state = self.State.RUNNING
        self.touched_at, self.started_at = now, self.started_at or now
        self.attempts += 1
        self.save(update_fields=["state", "touched_at", "started_at", "attempts"])
        return True

    def _batches(self, records: Iterator[Record]) -> Iterator[Batch]:
        while some := list(islice(records, BATCH)):
            yield Batch(self, some)

    def _take(self, batch: Batch) -> bool:
        """Import one batch and move the cursor, or nothing. False where somebody else did."""
        with transaction.atomic():
            position = self.done
            self._lock()
            if self.state != self.State.RUNNING or self.done != position:
                return False
            batch.save()
            ImportFailure.objects.bulk_create(
                ImportFailure(run=self, **each) for each in batch.failures
            )
            self.done += batch.size
            skipped = sum(each["skipped"] for each in batch.failures)
            self.created += len(batch.created)
            self.updated += len(batch.updated)
            self.skipped += skipped
            self.failed += len(batch.failures) - skipped
            if self.dry_run:
                self._keep_samples(batch)
            self.attempts, self.touched_at = 0, timezone.now()
            self.save(update_fields=[*COUNTERS, "samples", "attempts", "touched_at"])
        return True

    def _keep_samples(self, batch: Batch) -> None:
        for what in ("created", "updated"):
            room = SAMPLES - sum(each["what"] == what for each in self.samples)
            if room > 0:
                self.samples += batch.samples(what, room)

    def _lock(self) -> None:
        self.refresh_from_db(from_queryset=type(self).objects.select_for_update())

    def _fail(self, problem: str) -> None:
        self._end(self.State.FAILED, problem)

    @transaction.atomic
    def _end(self, state: str, problem: str = "") -> bool:
        self._lock()
        if not self.is_active:
            return False
        self.state, self.problem = state, problem
        self.touched_at = self.finished_at = timezone.now()
        self.save(update_fields=["state", "problem", "touched_at", "finished_at"])
        if self.dry_run:
            self.imported.all().delete()
        else:
            import_finished.send(sender=ImportRun, run=self)
            self._let_go_of_file()
        return True

    def _let_go_of_file(self) -> None:
        storage, name = self.file.storage, self.file.name
        transaction.on_commit(lambda: storage.delete(name), robust=True)
