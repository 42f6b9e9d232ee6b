"""What a run of an import is, and what can be asked of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from typing import Self

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy
from uuid_utils.compat import uuid7

from contacts.importing.inspection import Layout
from contacts.importing.records import Record
from contacts.models.import_preview import Preview


def stored_as(run: "ImportState", filename: str) -> str:
    """Return where a run's file lies in the storage: never under the name its owner gave it."""
    return f"imports/{run.pk}"


class ImportState(models.Model):
    """The file of an import, how to read it, what to do with it, and how far it got.

    A dry run does nothing but count and tell. It leaves the run as open as a draft is.
    """

    class State(models.TextChoices):
        DRAFT = "draft", gettext_lazy("Not started")
        QUEUED = "queued", gettext_lazy("Waiting")
        RUNNING = "running", gettext_lazy("Running")
        FINISHED = "finished", gettext_lazy("Finished")
        FAILED = "failed", gettext_lazy("Failed")
        STOPPED = "stopped", gettext_lazy("Stopped")
        REVERTING = "reverting", gettext_lazy("Being reverted")
        REVERTED = "reverted", gettext_lazy("Reverted")

    class Format(models.TextChoices):
        CSV = "csv", gettext_lazy("CSV")
        GOOGLE = "google", gettext_lazy("Google Contacts CSV")
        OUTLOOK = "outlook", gettext_lazy("Outlook CSV")
        VCARD = "vcard", gettext_lazy("vCard")

    class Existing(models.TextChoices):
        SKIP = "skip", gettext_lazy("Leave them as they are")
        FILL = "fill", gettext_lazy("Fill in what is empty")
        OVERWRITE = "overwrite", gettext_lazy("Take what the file says")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(gettext_lazy("file"), max_length=255)
    file = models.FileField(upload_to=stored_as)
    format = models.CharField(gettext_lazy("format"), max_length=16, choices=Format.choices)
    digest = models.CharField(max_length=64)  # SHA-256 of the file, in hexadecimal
    encoding = models.CharField(max_length=16)
    delimiter = models.CharField(max_length=1, blank=True)
    columns = models.JSONField(default=list)
    targets = models.JSONField(default=list)
    source = models.CharField(gettext_lazy("source"), max_length=60, blank=True)
    existing = models.CharField(
        gettext_lazy("contacts that are here already"),
        max_length=16,
        choices=Existing.choices,
        default=Existing.SKIP,
    )
    dry_run = models.BooleanField(gettext_lazy("dry run"), default=False)
    samples = models.JSONField(default=list)  # of a dry run: what some rows would become
    state = models.CharField(
        gettext_lazy("state"), max_length=16, choices=State.choices, default=State.DRAFT
    )
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    created = models.PositiveIntegerField(gettext_lazy("added"), default=0)
    updated = models.PositiveIntegerField(gettext_lazy("updated"), default=0)
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

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Return the address of the next step: choosing columns, or what came of it."""
        name = "import_mapping" if self.state == self.State.DRAFT else "import_run"
        return reverse(name, args=[self.pk])

    @property
    def earlier(self) -> Self | None:
        """Return the newest other import of the same file that brought anybody in."""
        others = type(self).objects.filter(digest=self.digest, created__gt=0)
        return others.exclude(pk=self.pk).select_related("started_by").first()

    @property
    def is_active(self) -> bool:
        """Tell whether it waits, runs, or is being reverted."""
        return self.state in {self.State.QUEUED, self.State.RUNNING, self.State.REVERTING}

    @property
    def is_open(self) -> bool:
        """Tell whether nothing was imported yet: a draft, or one that was only tried."""
        return self.state == self.State.DRAFT or (self.dry_run and not self.is_active)

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
    def layout(self) -> Layout:
        """Return how to read its file."""
        return Layout(
            self.format, self.encoding, self.delimiter, self.columns, self.targets, self.total
        )

    @contextmanager
    def records(self, skip: int = 0) -> Iterator[Iterator[Record]]:
        """Open its file and yield what is in it but the first `skip`.

        Raises UnreadableFile and OSError.
        """
        with self.file.storage.open(self.file.name, "rb") as stored:
            yield self.layout.records(stored.file, self.source, skip)

    def preview(self, targets: list[str], source: str = "", rows: int = 5) -> list[Preview]:
        """Return what the first rows would become if the columns went to these targets."""
        layout = replace(self.layout, targets=targets)
        with self.file.storage.open(self.file.name, "rb") as stored:
            records = layout.records(stored.file, source)
            return [Preview.of(record) for record in islice(records, rows)]
