"""What happened: events, and where each came from. Rows are only ever added."""

from datetime import timedelta
from functools import cached_property
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib.postgres.indexes import BrinIndex, GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Cast
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from activity.catalogue import kind_of
from activity.kind import Kind
from activity.labels import localised
from activity.models.event_query import ActivityEventQuerySet

_VALUE = "activity/values/text.html"


def _drawable(change: dict[str, Any]) -> dict[str, Any]:
    drawn = {**change, "templates": [f"activity/values/{change['draw']}.html", _VALUE]}
    if change["draw"] == "list":
        old, new = change["old"] or [], change["new"] or []
        drawn["removed"] = [value for value in old if value not in new]
        drawn["added"] = [value for value in new if value not in old]
    return drawn


def words_of_payload() -> Func:
    """Return the expression by whose index events are found by the words in their payload."""
    return Func(
        "payload",
        template="jsonb_to_tsvector('simple'::regconfig, %(expressions)s, '[\"string\"]'::jsonb)",
        output_field=SearchVectorField(),
    )


class Actor(NamedTuple):
    """Who did something, as far as it takes to draw an avatar."""

    pk: Any
    name: str


TRACEABLE = Q(address__isnull=False) | ~Q(user_agent="")


class ActivityOriginQuerySet(models.QuerySet):
    """Origins by what they still tell of the client."""

    def traceable(self) -> "ActivityOriginQuerySet":
        """Return those that still have a client address or a browser."""
        return self.filter(TRACEABLE)

    def forget_clients(self, batch: int = 5_000) -> int:
        """Take out address and browser where ORIGIN_DAYS are over; return of how many origins.

        Each batch is a transaction of its own: outside of any other, nothing is locked for long.
        """
        old = timezone.now() - timedelta(days=settings.ORIGIN_DAYS)
        overdue = self.traceable().filter(started_at__lt=old).order_by("started_at")
        forgotten = 0
        while ids := list(overdue.values_list("pk", flat=True)[:batch]):
            forgotten += self.filter(pk__in=ids).update(address=None, user_agent="")
        return forgotten


class ActivityOrigin(models.Model):
    """The request, task or command that wrote events: who, through what, from where.

    Address and browser of the client are the only part that can be taken out, after ORIGIN_DAYS or
    with the person they belong to.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    started_at = models.DateTimeField(_("started"))
    channel = models.CharField(_("source"), max_length=16)
    route = models.CharField(_("page, task or command"), max_length=200, blank=True)
    actor_type = models.CharField(max_length=16)
    actor_id = models.UUIDField(null=True)
    parent = models.UUIDField(null=True)
    address = models.GenericIPAddressField(_("address"), null=True)
    user_agent = models.CharField(_("browser"), max_length=400, blank=True)

    objects = ActivityOriginQuerySet.as_manager()

    class Meta:
        db_table = "activity_origin"
        verbose_name = _("origin")
        verbose_name_plural = _("origins")
        default_permissions = ("view",)
        indexes = [
            models.Index(fields=["started_at"], name="origin_traceable", condition=TRACEABLE)
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.route}".strip()


class ActivityEvent(models.Model):
    """Something that happened. The database refuses to change or remove it (see 0001_initial).

    `id` orders, `uid` names it to the outside. `payload` is the only place for personal data; an
    erasure takes it away together with its `salt` and leaves `commitment`, the HMAC-SHA256 of the
    payload's canonical JSON (RFC 8785) keyed by the salt. Nothing refers from here to other
    tables: what they hold may go, what happened stays. `channel` repeats the origin's, to be
    filtered by.
    """

    id = models.BigAutoField(primary_key=True)
    uid = models.UUIDField(unique=True, default=uuid7, editable=False)
    verb = models.CharField(_("what"), max_length=64)
    version = models.SmallIntegerField(default=1)
    occurred_at = models.DateTimeField(_("when"))
    recorded_at = models.DateTimeField(
        db_default=Func(function="clock_timestamp", output_field=models.DateTimeField())
    )
    actor_type = models.CharField(max_length=16)
    actor_id = models.UUIDField(null=True)
    object_type = models.CharField(max_length=32)
    object_id = models.UUIDField(null=True)
    contact_id = models.UUIDField(null=True)
    origin_id = models.UUIDField()
    channel = models.CharField(_("source"), max_length=16, default="system")
    payload = models.JSONField(null=True)
    salt = models.BinaryField(null=True)
    commitment = models.BinaryField()
    erased_by = models.BigIntegerField(null=True)
    dedup_key = models.CharField(max_length=200, null=True)  # noqa: DJ001
    xid = models.BigIntegerField(
        db_default=Cast(
            Cast(Func(function="pg_current_xact_id"), models.TextField()), models.BigIntegerField()
        )
    )

    objects = ActivityEventQuerySet.as_manager()
    # What a page adds that shows it (activity/gathering.py): the present state of the row that its
    # line shows, and the contact it came from where that was merged into the one shown.
    living: Any = None
    came_from: Any = None

    class Meta:
        db_table = "activity_event"
        verbose_name = _("event")
        verbose_name_plural = _("events")
        default_permissions = ("view",)
        ordering = ("-id",)
        constraints = [
            models.CheckConstraint(
                name="event_payload_or_erasure",
                condition=Q(payload__isnull=False, salt__isnull=False, erased_by__isnull=True)
                | Q(payload__isnull=True, salt__isnull=True, erased_by__isnull=False),
            ),
            # Few events have such a key: the others need no place in its index.
            models.UniqueConstraint(
                fields=["dedup_key"],
                name="event_once",
                condition=Q(dedup_key__isnull=False),
            ),
        ]
        indexes = [
            models.Index("contact_id", F("id").desc(), name="event_by_contact"),
            models.Index("object_id", "xid", name="event_by_object"),
            # The log asks for each kind from each source by itself (activity/log/finding.py).
            models.Index("verb", "channel", F("id").desc(), name="event_by_kind"),
            models.Index("actor_id", "verb", "channel", F("id").desc(), name="event_by_actor_kind"),
            BrinIndex(fields=["recorded_at"], name="event_by_time"),
            GinIndex(words_of_payload(), name="event_by_words"),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.uid}"

    @property
    def kind(self) -> Kind:
        """Return the catalogue's entry for its verb, or a generic one for a verb since retired."""
        return kind_of(self.verb)

    @property
    def templates(self) -> list[str]:
        """Return the templates that can draw its row, best first."""
        return [f"activity/kinds/{self.verb}.html", "activity/kinds/unknown.html"]

    @property
    def is_erased(self) -> bool:
        """Tell whether its personal data was erased."""
        return self.payload is None

    @cached_property
    def actor_name(self) -> str:
        """Return what the actor was called then; empty once erased, and for the system."""
        return (self.payload or {}).get("actor") or ""

    @property
    def who(self) -> Any:
        """Return how to call the actor in a sentence."""
        if self.actor_type == "system":
            return gettext("Annals")
        if self.actor_type == "contact":
            return self.actor_name or gettext("This contact")
        return self.actor_name or gettext("A former member")

    @property
    def actor(self) -> "Actor | None":
        """Return the actor for an avatar; None for the system."""
        return None if self.actor_type == "system" else Actor(self.actor_id, self.who)

    @cached_property
    def changes(self) -> list[dict[str, Any]]:
        """Return its field changes: `label`, `old`, `new`, and the `templates` that draw them.

        Of lists also what was `removed` and what was `added`.
        """
        changes = (self.payload or {}).get("changes", [])
        return [_drawable(localised(self.object_type, change)) for change in changes]

    @property
    def words(self) -> str:
        """Return what happened in a few words, for lists."""
        fields = ", ".join(str(change["label"]) for change in self.changes)
        return str(self.kind.words or self.kind.label) % {"actor": self.who, "fields": fields}
