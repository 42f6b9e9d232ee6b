"""What an export of the log is, and what can be asked of it."""

from datetime import timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from uuid_utils.compat import uuid7

REPEATED_WITHIN = timedelta(minutes=1)  # a double click, a form sent again
RIGHT = "contacts.export_contacts"
RIGHT_TO_ALL = "activity.view_activityevent"


class ExportState(models.Model):
    """A file of events: what was asked for, how far it is, and what became of it.

    `query` is the log's query string that was asked for. `complete`: it also holds what only
    administrators see, as sign-ins and client addresses. `ceiling` is the newest event there was
    when it began, `cursor` the last one that is written; both are 0 before that. `done` of `total`
    events are written. `size` in bytes, `sha256` in hexadecimal and `checkpoint`, a signed note,
    are of the finished file. `file` is its folder in the storage, empty once it is gone.
    """

    class State(models.TextChoices):
        QUEUED = "queued", gettext_lazy("Waiting")
        RUNNING = "running", gettext_lazy("Running")
        FINISHED = "finished", gettext_lazy("Finished")
        FAILED = "failed", gettext_lazy("Failed")
        CANCELLED = "cancelled", gettext_lazy("Stopped")

    class Format(models.TextChoices):
        NDJSON = "ndjson", "NDJSON"
        CSV = "csv", "CSV"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    query = models.TextField(blank=True)
    complete = models.BooleanField(default=False)
    format = models.CharField(max_length=8, choices=Format.choices)
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    ceiling = models.BigIntegerField(default=0)
    cursor = models.BigIntegerField(default=0)
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(null=True)
    size = models.BigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    checkpoint = models.TextField(blank=True)
    file = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    touched_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    attempts = models.SmallIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Return the address of the page that says how far it is, and what came of it."""
        return reverse("activity_export_run", args=[self.pk])

    @property
    def download_url(self) -> str:
        """Return the address of its file."""
        return reverse("activity_export_download", args=[self.pk])

    @property
    def name(self) -> str:
        """Return what its file is called where it is downloaded."""
        made = timezone.localtime(self.created_at)
        return f"activity-{made:%Y-%m-%d-%H%M%S}.{self.format}"

    @property
    def is_active(self) -> bool:
        """Tell whether it waits or runs."""
        return self.state in {self.State.QUEUED, self.State.RUNNING}

    @property
    def is_there(self) -> bool:
        """Tell whether its file can be downloaded."""
        is_over = self.state == self.State.FINISHED and bool(self.file)
        return is_over and timezone.now() < self.expires_at

    @property
    def left(self) -> int:
        """Return how many events are not written yet, as far as they were counted."""
        return max((self.total or 0) - self.done, 0)

    @property
    def quarter(self) -> int:
        """Return the percentage reached, in steps of 25: what is worth announcing."""
        return min(self.done * 4 // self.total, 4) * 25 if self.total else 0

    @property
    def gone_because(self) -> str:
        """Return why a finished file is no longer there, and what to do."""
        if timezone.now() < self.expires_at:
            return _("It named a contact that was deleted since. Export again to get the rest.")
        return _("It was kept for %(days)s days. Export again to get a new one.") % {
            "days": (self.expires_at - self.finished_at).days
        }

    def may_be_had_by(self, user: Any) -> bool:
        """Tell whether this user may read it now, whatever was allowed when it was made."""
        rights = (RIGHT, RIGHT_TO_ALL) if self.complete else (RIGHT,)
        return self.made_by_id == user.pk and user.has_perms(rights)

    def is_repeated_by(self, other: Self) -> bool:
        """Tell whether to ask for the other one, under the same id, is to ask for this one again.

        A finished one is had again for a minute only: later there are new events.
        """
        asked = ("made_by_id", "query", "complete", "format")
        recent = self.created_at > timezone.now() - REPEATED_WITHIN
        is_same = all(getattr(self, name) == getattr(other, name) for name in asked)
        return is_same and (self.is_active or recent)
