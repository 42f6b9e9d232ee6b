"""What a contact and the team wrote to each other, as the contact sees it in the portal."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from contacts.models import Attachment, Contact, Delivery, Message

SHOWN_AT_ONCE = 30
PEOPLE_SHOWN = 6
FILES_SHOWN = 12
# What was queued, cancelled or refused never was a part of the conversation.
HAS_LEFT = (Delivery.State.SENT, Delivery.State.UNCERTAIN, Delivery.State.BOUNCED)


@dataclass(frozen=True)
class Stretch:
    """Messages that follow each other, the oldest first. Those that begin a day are marked so.

    `previous` is the message before them; `goes_on` where that is of the same day as the first.
    """

    messages: list[Message]
    previous: Message | None

    def __post_init__(self) -> None:
        before = self.previous
        for message in self.messages:
            message.begins_day = before is None or _day(before) != _day(message)
            before = message

    @property
    def goes_on(self) -> bool:
        """Tell whether the day of the first message began before it."""
        return bool(self.messages) and not self.messages[0].begins_day

    @property
    def first(self) -> Message | None:
        """Return the oldest message."""
        return self.messages[0] if self.messages else None


class Conversation:
    """The messages of one contact that both sides know: no other's, and no comment."""

    def __init__(self, contact: Contact) -> None:
        self.contact = contact

    @property
    def messages(self) -> QuerySet[Message]:
        """Return what came in, and what has left."""
        # For EXISTS beside OR, PostgreSQL would read the deliveries of all contacts.
        left = Delivery.objects.filter(message=OuterRef("pk"), state__in=HAS_LEFT).order_by()
        messages = Message.objects.alias(left=Subquery(left.values("pk")[:1]))
        return messages.filter(Q(incoming=True) | Q(left__isnull=False), contact=self.contact)

    @property
    def files(self) -> QuerySet[Attachment]:
        """Return the files of these messages, the newest first."""
        return Attachment.objects.filter(message__in=self.messages).order_by("-created_at", "-id")

    @property
    def people(self) -> list[Any]:
        """Return some people of the team who wrote, by name."""
        wrote = self.messages.filter(author__isnull=False).values("author")
        people = get_user_model().objects.filter(is_active=True, pk__in=wrote)
        return list(people.order_by("name")[:PEOPLE_SHOWN])

    def newest(self) -> Stretch:
        """Return the last messages."""
        return self._up_to(self.messages)

    def before(self, key: UUID | None) -> Stretch:
        """Return the messages before that one; the newest where it is none of these."""
        message = self._message(key)
        return self._up_to(self._earlier_than(message)) if message else self.newest()

    def since(self, key: UUID | None) -> Stretch:
        """Return that message and all that follow it; all where it is none of these."""
        messages = list(_drawn(self._from(key)).order_by("created_at", "id"))
        if not messages:
            return Stretch([], None)
        return Stretch(
            messages, self._earlier_than(messages[0]).order_by("created_at", "id").last()
        )

    def count_since(self, key: UUID | None) -> int:
        """Return how many messages `since` would return."""
        return self._from(key).count()

    def _from(self, key: UUID | None) -> QuerySet[Message]:
        message = self._message(key)
        if message is None:
            return self.messages
        later = Q(created_at=message.created_at, id__gte=message.pk)
        return self.messages.filter(Q(created_at__gt=message.created_at) | later)

    def _earlier_than(self, message: Message) -> QuerySet[Message]:
        earlier = Q(created_at=message.created_at, id__lt=message.pk)
        return self.messages.filter(Q(created_at__lt=message.created_at) | earlier)

    def _up_to(self, messages: QuerySet[Message]) -> Stretch:
        newest = list(_drawn(messages).order_by("-created_at", "-id")[: SHOWN_AT_ONCE + 1])
        previous = newest.pop() if len(newest) > SHOWN_AT_ONCE else None
        return Stretch(newest[::-1], previous)

    def _message(self, key: UUID | None) -> Message | None:
        return self.messages.filter(pk=key).first() if key else None


def _drawn(messages: QuerySet[Message]) -> QuerySet[Message]:
    return messages.select_related("author").prefetch_related("attachments")


def _day(message: Message) -> Any:
    return timezone.localdate(message.created_at)
