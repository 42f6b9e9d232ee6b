"""Imports of contacts from files: what a run is, how far it got, and how it goes on."""

import hashlib
import logging
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any, Self

from django.conf import settings
from django.core.files import File
from django.db import models, transaction
from django.dispatch import Signal
from django.template.defaultfilters import filesizeformat
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from uuid_utils.compat import uuid7

from contacts.broker import Broker
from contacts.importing.inspection import inspect
from contacts.importing.records import Record
from contacts.importing.text import UnreadableFile
from contacts.models.import_batch import Batch
from contacts.models.import_failure import ImportFailure
from contacts.models.import_state import ImportState

logger = logging.getLogger(__name__)

# Sent with `run` when somebody starts an import, inside the transaction that starts it.
import_started = Signal()

# Sent with `run` when an import is over, however it ended, inside the transaction that ends it.
import_finished = Signal()

BATCH = 500  # rows of one transaction
ABANDONED_AFTER = timedelta(minutes=1)  # without a sign of life
DRAFTS_KEPT = timedelta(days=1)
MOST_ATTEMPTS = 5  # in a row that got no batch done


class ImportRunQuerySet(models.QuerySet):
    """Runs by state and age."""

    def active(self) -> Self:
        """Return those that are waiting or running."""
        return self.filter(state__in=(ImportRun.State.QUEUED, ImportRun.State.RUNNING))

    def abandoned(self) -> Self:
        """Return the active ones that nobody has worked on for a minute."""
        return self.active().filter(touched_at__lt=timezone.now() - ABANDONED_AFTER)

    def forgotten(self) -> Self:
        """Return the drafts that nobody started within a day."""
        old = timezone.now() - DRAFTS_KEPT
        return self.filter(state=ImportRun.State.DRAFT, touched_at__lt=old)


class ImportRun(ImportState):
    """A file of contacts on its way in.

    `done` is the cursor: that many rows are dealt with, in the same transactions that count them.
    A run that lost its worker goes on from there; the database is the queue, Celery only a nudge.
    The file goes when the run is over.
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
                condition=models.Q(state__in=("draft", "queued", "running")),
            )
        ]

    @classmethod
    def receive(cls, upload: File, by: Any, pk: Any = None) -> "ImportRun":
        """Keep a file as a draft; the same `pk` again returns the draft it made the first time.

        Raises UnreadableFile for a file that is too large or holds no contacts.
        """
        if upload.size > settings.IMPORT_MAX_BYTES:
            raise UnreadableFile(
                _("This file has %(size)s; %(limit)s are the most that can be imported at once.")
                % {
                    "size": filesizeformat(upload.size),
                    "limit": filesizeformat(settings.IMPORT_MAX_BYTES),
                }
            )
        source = inspect(upload.file)
        upload.seek(0)
        raw: Any = upload.file
        digest = hashlib.file_digest(raw, "sha256").hexdigest()
        if cls.objects.filter(pk=pk).exclude(digest=digest).exists():
            pk = None  # another file, chosen in a form that was sent before
        with transaction.atomic():
            run, is_new = cls.objects.get_or_create(
                pk=pk or uuid7(),
                defaults={
                    "name": Path(upload.name).name[-255:],
                    "digest": digest,
                    "started_by": by,
                    **vars(source),
                },
            )
            if is_new:
                run.file.save("", upload)
        return run

    @transaction.atomic
    def start(self, targets: list[str], *, by_worker: bool = True) -> bool:
        """Queue a draft; `targets` says where its columns go. False where it was started before.

        A caller who runs it in its own process says so by `by_worker=False`.
        """
        if self.state != self.State.DRAFT:
            return False
        self.targets, self.state, self.touched_at = targets, self.State.QUEUED, timezone.now()
        self.save(update_fields=["state", "targets", "touched_at"])
        import_started.send(sender=ImportRun, run=self)
        if by_worker:
            transaction.on_commit(self.nudge, robust=True)
        return True

    def nudge(self) -> None:
        """Tell a worker that there is something to do; where that fails, `sweep` does it later."""
        task = "contacts.tasks.run_import"
        Broker.tell(task, self.pk, actor=self.started_by_id, channel="import")

    def run(self) -> None:
        """Import what is left, batch by batch, until it is finished, stopped or taken over."""
        with translation.override(self.started_by.language if self.started_by else None):
            if not self._claim():
                return
            try:
                with self.records() as records:
                    rest = islice(records, self.done, None)
                    while batch := list(islice(rest, BATCH)):
                        if not self._take(batch):
                            return
            except UnreadableFile as error:
                self._end(self.State.FAILED, str(error))
            except OSError:
                logger.exception("The file of import %s cannot be opened", self.pk)
                self._end(self.State.FAILED, _("The file is no longer there. Upload it again."))
            else:
                self._end(self.State.FINISHED)

    def stop(self) -> bool:
        """End an import early; what is in stays in. Returns False where it was over."""
        return self._end(self.State.STOPPED)

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

    @transaction.atomic
    def _claim(self) -> bool:
        self.refresh_from_db(from_queryset=type(self).objects.select_for_update())
        if not self.is_active:
            return False
        if self.attempts >= MOST_ATTEMPTS:
            gave_up = _(
                "This import stopped %(count)s times at the same place. What is in stays in."
            )
            self._end(self.State.FAILED, gave_up % {"count": self.attempts})
            return False
        now = timezone.now()
        self.state, self.touched_at = self.State.RUNNING, now
        self.started_at = self.started_at or now
        self.attempts += 1
        self.save(update_fields=["state", "touched_at", "started_at", "attempts"])
        return True

    def _take(self, records: list[Record]) -> bool:
        """Import one batch and move the cursor, or nothing. False where somebody else did."""
        batch = Batch(self.name, self.pk, records)
        with transaction.atomic():
            position = self.done
            self.refresh_from_db(from_queryset=type(self).objects.select_for_update())
            if not self.is_active or self.done != position:
                return False
            failures = batch.save()
            ImportFailure.objects.bulk_create(ImportFailure(run=self, **each) for each in failures)
            self.done += len(records)
            skipped = sum(each["skipped"] for each in failures)
            self.created += len(records) - len(failures)
            self.skipped += skipped
            self.failed += len(failures) - skipped
            self.attempts, self.touched_at = 0, timezone.now()
            self.save(
                update_fields=["done", "created", "skipped", "failed", "attempts", "touched_at"]
            )
        return True

    @transaction.atomic
    def _end(self, state: str, problem: str = "") -> bool:
        self.refresh_from_db(from_queryset=type(self).objects.select_for_update())
        if not self.is_active:
            return False
        self.state, self.problem = state, problem
        self.touched_at = self.finished_at = timezone.now()
        self.save(update_fields=["state", "problem", "touched_at", "finished_at"])
        import_finished.send(sender=ImportRun, run=self)
        self._let_go_of_file()
        return True

    def _let_go_of_file(self) -> None:
        storage, name = self.file.storage, self.file.name
        transaction.on_commit(lambda: storage.delete(name), robust=True)
