from contacts.models.comment import Comment
from contacts.models.contact import Contact, ContactQuerySet
from contacts.models.tag import Tag
from contacts.models.tracking import Change, StaleRow, Tracked, TrackedQuerySet, changed

__all__ = [
    "Change",
    "Comment",
    "Contact",
    "ContactQuerySet",
    "StaleRow",
    "Tag",
    "Tracked",
    "TrackedQuerySet",
    "changed",
]
