from contacts.models.changes import Change, changed, deleted
from contacts.models.comment import Comment
from contacts.models.contact import Contact
from contacts.models.contact_query import ContactGone, ContactQuerySet
from contacts.models.deletion import DeletedContact
from contacts.models.import_failure import ImportFailure
from contacts.models.importing import ImportRun, import_finished
from contacts.models.tag import Tag
from contacts.models.tracking import StaleRow, Tracked, TrackedQuerySet

__all__ = [
    "Change",
    "Comment",
    "Contact",
    "ContactGone",
    "ContactQuerySet",
    "DeletedContact",
    "ImportFailure",
    "ImportRun",
    "StaleRow",
    "Tag",
    "Tracked",
    "TrackedQuerySet",
    "changed",
    "deleted",
    "import_finished",
]
