"""What a run of a bulk action is, and what can be asked of it."""

import hashlib
import json
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.humanize.templatetags.humanize import intcomma
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Case, Count, F, Func, Value, When
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from contacts.markdown import render
from contacts.models.bulk_action import ACTIONS, BulkAction, letter
from contacts.models.bulk_skip import BulkSkip
from contacts.models.contact import Contact
from contacts.models.contact_query import ContactQuerySet
from contacts.models.invitation import Invitation


class BulkState(models.Model):
    """An action, the contacts it is for, fixed from the start, and how far it got."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Not started")
        QUEUED = "queued", _("Waiting")
        RUNNING = "running", _("Running")
        FINISHED = "finished", _("Finished")
        FAILED = "failed", _("Failed")
        STOPPED = "stopped", _("Stopped")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    action = models.CharField(_("action"), max_length=16)  # a key of ACTIONS
    parameters = models.JSONField(default=dict)
    contact_ids = ArrayField(models.UUIDField())
    query = models.TextField(blank=True)  # of the list's address, to go back to it
    state = models.CharField(_("state"), max_length=16, choices=State.choices, default=State.DRAFT)
    total = models.PositiveIntegerField()
    done = models.PositiveIntegerField(default=0)
    acted = models.PositiveIntegerField(default=0)
    skipped = models.PositiveIntegerField(_("skipped"), default=0)
    failed = models.PositiveIntegerField(_("failed"), default=0)
    problem = models.TextField(blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("started by"),
        on_delete=models.PROTECT,
        related_name="bulk_runs",
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    started_at = models.DateTimeField(null=True)
    touched_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """Return the address of the next step: what to do exactly, or how far it is."""
        return reverse("bulk_run", args=[self.pk])

    @property
    def kind(self) -> BulkAction:
        """Return what it does."""
        return ACTIONS[self.action]

    @property
    def title(self) -> str:
        """Return what it does, and with how many contacts."""
        return str(self.kind.titles % {"number": self.total, "count": intcomma(self.total)})

    @property
    def list_address(self) -> str:
        """Return the address of the list that its contacts were selected in."""
        return reverse("contacts") + (f"?{self.query}" if self.query else "")

    @property
    def role_label(self) -> str:
        """Return to what it invites."""
        return str(Invitation.Role(self.parameters["role"]).label)

    @property
    def is_draft(self) -> bool:
        """Tell whether nobody has started it yet."""
        return self.state == self.State.DRAFT

    @property
    def is_active(self) -> bool:
        """Tell whether it waits or runs."""
        return self.state in {self.State.QUEUED, self.State.RUNNING}

    @property
    def left(self) -> int:
        """Return how many contacts it has not dealt with yet."""
        return self.total - self.done

    @property
    def unused(self) -> int:
        """Return with how many contacts nothing was done."""
        return self.skipped + self.failed

    @property
    def quarter(self) -> int:
        """Return the percentage reached, in steps of 25: what is worth announcing."""
        return self.done * 4 // self.total * 25

    @property
    def digest(self) -> str:
        """Return a fingerprint of its parameters, by which a review knows what it showed."""
        text = json.dumps(self.parameters, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def may_undo(self) -> bool:
        """Tell whether what it did can be taken back in one go."""
        return self.action == "archive" and bool(self.acted) and not self.is_active

    @cached_property
    def new_owner(self) -> Any:
        """Return the user that its contacts are to be given to; None for nobody."""
        return get_user_model().objects.filter(pk=self.parameters["owner"] or None).first()

    @property
    def contacts(self) -> ContactQuerySet:
        """Return those of its contacts that are still there."""
        chosen = type(self).objects.filter(pk=self.pk)
        ids = chosen.annotate(contact=Func(F("contact_ids"), function="unnest"))
        return Contact.objects.unmerged().filter(pk__in=ids.values("contact"))

    @property
    def _judged(self) -> ContactQuerySet:
        cases = [When(q, then=Value(str(reason))) for reason, q in self.kind.obstacles()]
        obstacle = Case(*cases, default=Value(""), output_field=models.CharField())
        return self.contacts.annotate(obstacle=obstacle)

    @cached_property
    def outlook(self) -> dict[BulkSkip.Reason, int]:
        """Return {reason: with how many contacts nothing will be done}, as things are now."""
        counts = dict(self._judged.order_by().values_list("obstacle").annotate(Count("pk")))
        found = {reason: counts.get(reason, 0) for reason, _q in self.kind.obstacles()}
        found[BulkSkip.Reason.DELETED] = self.total - sum(counts.values())
        return {reason: count for reason, count in found.items() if count}

    @property
    def expected(self) -> int:
        """Return with how many contacts it will do something, as things are now."""
        return self.total - sum(self.outlook.values())

    def first_letters(self) -> list[dict[str, Any]]:
        """Return what the first three of those who get a message get: contact, subject, html."""
        contacts = self._judged.filter(obstacle="").order_by("pk")[:3]
        letters = ((each, *letter(each, self.parameters)) for each in contacts)
        return [
            {"contact": contact, "subject": subject, "html": render(body)}
            for contact, subject, body in letters
        ]

    def tally(self) -> dict[BulkSkip.Reason, int]:
        """Return {reason: with how many contacts nothing was done}, the most frequent first."""
        rows = self.skips.order_by().values_list("reason").annotate(count=Count("pk"))
        return {BulkSkip.Reason(reason): n for reason, n in rows.order_by("-count", "reason")}

    def first_skips(self, count: int) -> list[BulkSkip]:
        """Return the first contacts that were left out, each with its `contact` if it is there."""
        skips = list(self.skips.all()[:count])
        there = Contact.objects.defer("search", "notes").in_bulk([s.contact_id for s in skips])
        for skip in skips:
            skip.contact = there.get(skip.contact_id)
        return skips
