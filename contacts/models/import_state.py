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

from contacts.importing.inspection import Source
from contacts.importing.records import Record
from contacts.models.import_batch import Preview


def stored_as(run: "ImportState", filename: str) -> str:
    """Return where a run's file lies in the storage: never under the name its owner gave it."""
    return f"imports/{run.pk}"


class ImportState(models.Model):
    """The file of an import, how to read it, and how far it got."""

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

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Return the address of the next step: choosing columns, or watching the import."""
        name = "import_mapping" if self.state == self.State.DRAFT else "import_run"
        return reverse(name, args=[self.pk])

    @property
    def earlier(self) -> Self | None:
        """Return the newest other import of the same file that brought anybody in."""
        others = type(self).objects.filter(digest=self.digest, created__gt=0)
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
            yield self.source.records(stored.file)

    def preview(self, targets: list[str], rows: int = 5) -> list[Preview]:
        """Return what the first rows would become if the columns went to these targets."""
        source = replace(self.source, targets=targets)
        with self.file.storage.open(self.file.name, "rb") as stored:
            return [Preview.of(record) for record in islice(source.records(stored.file), rows)]
