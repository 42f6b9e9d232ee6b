from contacts.models.comment import Comment
from contacts.models.contact import Contact, ContactQuerySet
from contacts.models.deletion import DeletedName
from contacts.models.tag import Tag
from contacts.models.tracking import Change, StaleRow, Tracked, TrackedQuerySet, changed, deleted

__all__ = [
    "Change",
    "Comment",
    "Contact",
    "ContactQuerySet",
    "DeletedName",
    "StaleRow",
    "Tag",
    "Tracked",
    "TrackedQuerySet",
    "changed",
    "deleted",
]
