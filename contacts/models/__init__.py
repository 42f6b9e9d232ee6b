from contacts.models.attachment import Attachment
from contacts.models.blocking import Blocked, TooLate, TooMany
from contacts.models.bulk import BulkRun, Unselectable, bulk_finished
from contacts.models.bulk_action import ACTIONS, BulkAction
from contacts.models.bulk_skip import BulkSkip
from contacts.models.changes import Change, changed, deleted
from contacts.models.comment import Comment
from contacts.models.comment_file import CommentFile
from contacts.models.contact import Contact
from contacts.models.contact_query import ContactGone, ContactMerged, ContactQuerySet
from contacts.models.deletion import DeletedContact
from contacts.models.delivery import Delivery
from contacts.models.duplicate_pair import DuplicatePair, DuplicateSearch
from contacts.models.follow import Follow
from contacts.models.import_failure import ImportFailure
from contacts.models.imported_contact import ImportedContact
from contacts.models.importing import ImportRun, import_finished
from contacts.models.invitation import Invitation
from contacts.models.link import Link
from contacts.models.mention import Mention, mentioned
from contacts.models.merging import CannotMerge
from contacts.models.message import Message
from contacts.models.pin import Pin
from contacts.models.recent import Recent
from contacts.models.saved_view import SavedView
from contacts.models.share import Share
from contacts.models.tag import Tag
from contacts.models.tracking import StaleRow, Tracked, TrackedQuerySet

__all__ = [
    "ACTIONS",
    "Attachment",
    "Blocked",
    "BulkAction",
    "BulkRun",
    "BulkSkip",
    "CannotMerge",
    "Change",
    "Comment",
    "CommentFile",
    "Contact",
    "ContactGone",
    "ContactMerged",
    "ContactQuerySet",
    "DeletedContact",
    "Delivery",
    "DuplicatePair",
    "DuplicateSearch",
    "Follow",
    "ImportFailure",
    "ImportRun",
    "ImportedContact",
    "Invitation",
    "Link",
    "Mention",
    "Message",
    "Pin",
    "Recent",
    "SavedView",
    "Share",
    "StaleRow",
    "Tag",
    "TooLate",
    "TooMany",
    "Tracked",
    "TrackedQuerySet",
    "Unselectable",
    "bulk_finished",
    "changed",
    "deleted",
    "import_finished",
    "mentioned",
]
