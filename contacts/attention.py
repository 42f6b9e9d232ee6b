"""What waits for somebody to act: mails that did not arrive, questions, invitations, files.

Each list is looked for among the newest SEEN of its kind, so that it costs the same in a database
of any size. `user` narrows it to what is theirs: what they sent, or is about a contact that they
own; None leaves it to the whole team.
"""

from datetime import timedelta
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Left
from django.db.models.lookups import IsNull
from django.utils import timezone

from contacts.models import BulkRun, Delivery, ImportRun, Invitation, Message

SEEN = 500
LATELY = timedelta(days=30)
SOON = timedelta(days=3)
TROUBLE = ("failed", "bounced", "uncertain")
LEFT = ("queued", "sending", "sent", "uncertain")  # a mail that may have arrived
# A contact's name, and what decides whether anything may be done with it.
NAMES = ("honorific", "given_name", "family_name", "suffix", "organisation", "emails", "phones")
OF_CONTACT = tuple(f"contact__{name}" for name in ("id", *NAMES))


def troubled_mails(user: Any) -> QuerySet[Delivery]:
    """Return mails that failed, came back or perhaps never left, the newest first.

    Not those that were sent again, that matter no longer, or to contacts that are put away.
    """
    recent = Delivery.objects.filter(state__in=TROUBLE, created_at__gt=timezone.now() - LATELY)
    newest = recent.order_by("-created_at").values("pk")[:SEEN]
    again = Delivery.objects.filter(created_at__gt=OuterRef("created_at"))
    rows = Delivery.objects.filter(
        Q(invitation=None) | Q(invitation__state__in=Invitation.LIVING),
        _none(again.filter(message=OuterRef("message"))),
        _none(again.filter(invitation=OuterRef("invitation"))),
        _none(again.filter(share=OuterRef("share"), recipient=OuterRef("recipient"))),
        pk__in=newest,
        contact__archived_at=None,
        contact__do_not_contact_at=None,
    )
    if user:
        sent = Q(message__author=user) | Q(invitation__inviter=user) | Q(share__sender=user)
        rows = rows.filter(sent | Q(contact__owner=user))
    shown = ("recipient", "subject", "state", "error", "created_at", "finished_at")
    things = ("message_id", "invitation_id", "share_id")
    return (
        rows.select_related("contact")
        .only("id", *shown, *things, *OF_CONTACT)
        .order_by("-created_at")
    )


def _none(rows: QuerySet) -> IsNull:
    """Return the condition that there are none of these rows, looked for row by row.

    For NOT EXISTS, PostgreSQL may read the whole table to find those of a few.
    """
    return IsNull(Subquery(rows.order_by().values("pk")[:1]), True)


def unanswered(user: Any) -> QuerySet[Message]:
    """Return what contacts wrote last and nobody has answered, the newest first.

    `beginning` is how each begins.
    """
    received = Message.objects.filter(incoming=True, is_automatic=False)
    recent = received.filter(created_at__gt=timezone.now() - LATELY)
    newest = recent.order_by("-created_at").values("pk")[:SEEN]
    answers = Delivery.objects.filter(message__incoming=False, state__in=LEFT).filter(
        message__contact=OuterRef("contact"), message__created_at__gt=OuterRef("created_at")
    )
    later = received.filter(contact=OuterRef("contact"), created_at__gt=OuterRef("created_at"))
    rows = Message.objects.filter(
        _none(answers), _none(later), pk__in=newest, contact__archived_at=None
    )
    if user:
        rows = rows.filter(Q(contact__owner=user) | Q(in_reply_to__author=user))
    return (
        rows.select_related("contact")
        .only("id", "subject", "via", "created_at", *OF_CONTACT)
        .annotate(beginning=Left("body", 160))
        .order_by("-created_at")
    )


def ending_invitations(user: Any) -> QuerySet[Invitation]:
    """Return invitations that end SOON and were not answered, the next to end first."""
    now = timezone.now()
    rows = Invitation.objects.living().filter(
        expires_at__gt=now,
        expires_at__lt=now + SOON,
        contact__archived_at=None,
        contact__do_not_contact_at=None,
    )
    if user:
        rows = rows.filter(Q(inviter=user) | Q(contact__owner=user))
    return (
        rows.select_related("contact")
        .only("id", "email", "state", "expires_at", *OF_CONTACT)
        .order_by("expires_at")
    )


def open_imports(user: Any) -> QuerySet[ImportRun]:
    """Return files that were uploaded, or tried, and not imported, the newest first."""
    tried = Q(dry_run=True) & ~Q(state__in=("queued", "running", "reverting"))
    rows = ImportRun.objects.filter(Q(state="draft") | tried)
    if user:
        rows = rows.filter(started_by=user)
    return rows.defer("samples", "columns", "targets").order_by("-touched_at")


def open_bulk_actions(user: Any) -> QuerySet[BulkRun]:
    """Return actions on many contacts that were chosen and not started, the newest first."""
    rows = BulkRun.objects.filter(state="draft")
    if user:
        rows = rows.filter(started_by=user)
    return rows.defer("contact_ids").order_by("-touched_at")
