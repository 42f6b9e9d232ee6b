"""Reads a page of somebody's inbox: what each notification is about, as it is now."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import unescape
from typing import Any

from django.db.models import Q
from django.utils.html import strip_tags
from django.utils.text import Truncator

from activity.models import Notification
from contacts.models import Comment

PAGE = 50  # notifications on one page
EXCERPT = 160  # characters of a comment


@dataclass(frozen=True)
class Item:
    """A notification as it is shown. `excerpt` is how the comment begins that it is about."""

    notification: Notification
    excerpt: str = ""
    is_gone: bool = False  # the comment was deleted

    @property
    def event(self) -> Any:
        """Return the event that it tells of."""
        return self.notification.event

    @property
    def what(self) -> Any:
        """Return in a few words what happened."""
        return self.event.kind.title or self.event.kind.label

    @property
    def is_by_another(self) -> bool:
        """Tell whether it has to be said who did it: who mentions, or is the contact, was named."""
        told = self.notification
        return not told.is_mention and self.event.who != told.contact.name

    @property
    def address(self) -> str:
        """Return the address of the contact's page, at the event."""
        contact = self.notification.contact.get_absolute_url()
        return f"{contact}?at={self.event.pk}#e-{self.event.pk}"


@dataclass(frozen=True)
class Page:
    """A stretch of an inbox, newest first. `older` is the notification after which more follow."""

    items: Sequence[Item]
    older: int | None = None

    @property
    def has_unread(self) -> bool:
        """Tell whether anything of it was not read yet."""
        return any(item.notification.read_at is None for item in self.items)

    @property
    def until(self) -> str:
        """Return up to when it shows everything, as marking all of it read has to say."""
        return self.items[0].notification.at.isoformat() if self.items else ""


def read(user: Any, *, everything: bool, before: int | None = None) -> Page:
    """Return a page of a user's notifications, in a number of queries that does not grow.

    Only what is unread, or `everything`; `before` asks for what is older than that notification.
    """
    found = Notification.objects.of(user)
    if before and (last := found.filter(pk=before).first()):
        found = found.filter(Q(at__lt=last.at) | Q(at=last.at, pk__lt=last.pk))
    if not everything:
        found = found.unread()
    # First which, then what they tell: so that an index alone says which, however many there are.
    keys = list(found.values_list("pk", flat=True)[: PAGE + 1])
    older = keys[PAGE - 1] if len(keys) > PAGE else None
    shown = Notification.objects.of(user).filter(pk__in=keys[:PAGE]).with_events()
    return Page(items(list(shown)), older)


def items(notifications: Sequence[Notification]) -> list[Item]:
    """Return what is shown of notifications, in one query more where comments are among them."""
    about = {
        each.event.object_id for each in notifications if each.event.object_type == Comment.noun
    }
    comments = Comment.for_timeline(about) if about else {}
    return [_item(each, about, comments) for each in notifications]


def _item(each: Notification, about: set[Any], comments: dict[Any, Comment]) -> Item:
    key = each.event.object_id
    if key not in about:
        return Item(each)
    comment = comments.get(key)
    if comment is None or comment.deleted_at:
        return Item(each, is_gone=True)
    words = " ".join(unescape(strip_tags(comment.html)).split())
    return Item(each, Truncator(words).chars(EXCERPT))
