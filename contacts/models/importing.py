"""Imports of contacts from files: what a run is, how far it got, and how it goes on."""

import hashlib
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, Self

from celery import current_app
from django.conf import settings
from django.core.files import File
from django.db import models, transaction
from django.dispatch import Signal
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from kombu.exceptions import OperationalError
from uuid_utils.compat import uuid7

from contacts.importing.inspection import Source, inspect
from contacts.importing.records import Record
from contacts.importing.text import UnreadableFile
from contacts.models.import_batch import Batch, Preview
from contacts.models.import_failure import ImportFailure

logger = logging.getLogger(__name__)

# Sent with `run` when an import is over, however it ended, inside the transaction that ends it.
import_finished = Signal()

BATCH = 500  # rows of one transaction
ABANDONED_AFTER = timedelta(minutes=1)  # without a sign of life
DRAFTS_KEPT = timedelta(days=1)
MOST_ATTEMPTS = 5  # in a row that got no batch done


def stored_as(run: "ImportRun", filename: str) -> str:
    """Return where a run's file lies in the storage: never under the name its owner gave it."""
    return f"imports/{run.pk}"


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


class ImportRun(models.Model):
    """A file of contacts on its way in.

    `done` is the cursor: that many rows are dealt with, in the same transactions that count them.
    A run that lost its worker goes on from there; the database is the queue, Celery only a nudge.
    The file goes when the run is over.
    """

    class State(models.TextChoices):
        DRAFT = "draft", gettext_lazy("Not started")
        QUEUED = "queued", gettext_lazy("Waiting")
        RUNNING = "running", gettext_lazy("Running")
        FINISHED = "finished", gettext_lazy("Finished")
        FAILED = "failed", gettext_lazy("Failed")
        STOPPED = "stopped", gettext_lazy("Stopped")

    class Format(models.TextChoices):
        CSV = "csv", gettext_lazy("CSV")
        GOOGLE = "google", gettext_lazy("Google Contacts CSV")
        OUTLOOK = "outlook", gettext_lazy("Outlook CSV")
        VCARD = "vcard", gettext_lazy("vCard")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(gettext_lazy("file"), max_length=255)
    file = models.FileField(upload_to=stored_as)
    format = models.CharField(gettext_lazy("format"), max_length=16, choices=Format.choices)
    digest = models.CharField(max_length=64)  # SHA-256 of the file, in hexadecimal
    encoding = models.CharField(max_length=16)
    delimiter = models.CharField(max_length=1, blank=True)
    columns = models.JSONField(default=list)
    targets = models.JSONField(default=list)
    state = models.CharField(
        gettext_lazy("state"), max_length=16, choices=State.choices, default=State.DRAFT
    )
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    created = models.PositiveIntegerField(gettext_lazy("added"), default=0)
    skipped = models.PositiveIntegerField(gettext_lazy("skipped"), default=0)
    failed = models.PositiveIntegerField(gettext_lazy("failed"), default=0)
    problem = models.TextField(blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=gettext_lazy("started by"),
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
    )
    uploaded_at = models.DateTimeField(default=timezone.now, editable=False)
    started_at = models.DateTimeField(null=True)
    touched_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)

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

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Return the address of the next step: choosing columns, or watching the import."""
        name = "import_mapping" if self.state == self.State.DRAFT else "import_run"
        return reverse(name, args=[self.pk])

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
        digest = hashlib.file_digest(upload.file, "sha256").hexdigest()
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

    @property
    def earlier(self) -> "ImportRun | None":
        """Return the newest other import of the same file that brought anybody in."""
        others = ImportRun.objects.filter(digest=self.digest, created__gt=0)
        return others.exclude(pk=self.pk).select_related("started_by").first()

    @property
    def is_active(self) -> bool:
        """Tell whether it waits or runs."""
        return self.state in {self.State.QUEUED, self.State.RUNNING}

    @property
    def left(self) -> int:
        """Return how many rows are not dealt with yet."""
        return max(self.total - self.done, 0)

    @property
    def unused(self) -> int:
        """Return how many rows made no contact."""
        return self.skipped + self.failed

    @property
    def quarter(self) -> int:
        """Return the percentage reached, in steps of 25: what is worth announcing."""
        return self.done * 4 // self.total * 25 if self.total else 0

    @property
    def seconds_left(self) -> int | None:
        """Return how long it will take at the speed so far; None before the first batch."""
        if not self.done or not self.started_at:
            return None
        spent = (self.touched_at - self.started_at).total_seconds()
        return round(spent / self.done * self.left)

    @property
    def source(self) -> Source:
        """Return how to read its file."""
        return Source(
            self.format, self.encoding, self.delimiter, self.columns, self.targets, self.total
        )

    @contextmanager
    def records(self) -> Iterator[Iterator[Record]]:
        """Open its file and yield what is in it. Raises UnreadableFile and OSError."""
        with self.file.storage.open(self.file.name, "rb") as stored:
            raw: BinaryIO = stored.file
            yield self.source.records(raw)

    def preview(self, targets: list[str], rows: int = 5) -> list[Preview]:
        """Return what the first rows would become if the columns went to these targets."""
        source = replace(self.source, targets=targets)
        with self.file.storage.open(self.file.name, "rb") as stored:
            return [Preview.of(record) for record in islice(source.records(stored.file), rows)]

    def start(self, targets: list[str], *, by_worker: bool = True) -> bool:
        """Queue a draft; `targets` says where its columns go. False where it was started before.

        A caller who runs it in its own process says so by `by_worker=False`.
        """
        if self.state != self.State.DRAFT:
            return False
        self.targets, self.state, self.touched_at = targets, self.State.QUEUED, timezone.now()
        self.save(update_fields=["state", "targets", "touched_at"])
        if by_worker:
            transaction.on_commit(self.nudge, robust=True)
        return True

    def nudge(self) -> None:
        """Tell a worker that there is something to do; where that fails, `sweep` does it later."""
        actor = str(self.started_by_id) if self.started_by_id else None
        headers = {"actor": actor, "channel": "import"}
        try:
            current_app.send_task("contacts.tasks.run_import", [str(self.pk)], headers=headers)
        except OperationalError as error:
            logger.warning("Import %s waits for the next sweep: %s", self.pk, error)

    def run(self) -> None:
        """Import what is left, batch by batch, until it is finished, stopped or taken over."""
        with translation.override(self.started_by and self.started_by.language):
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
