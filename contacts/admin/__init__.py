from contacts.admin.comment import CommentAdmin, TagAdmin
from contacts.admin.contact import ContactAdmin
from contacts.admin.delivery import DeliveryAdmin
from contacts.admin.first_rows import FirstRows, LongList
from contacts.admin.invitation import InvitationAdmin
from contacts.admin.of_users import invitations_sent, portal_access
from contacts.admin.read_only import ForAdministrators, ReadOnly
from contacts.admin.runs import BulkRunAdmin, DeletedContactAdmin, ImportRunAdmin

__all__ = [
    "BulkRunAdmin",
    "CommentAdmin",
    "ContactAdmin",
    "DeletedContactAdmin",
    "DeliveryAdmin",
    "FirstRows",
    "ForAdministrators",
    "ImportRunAdmin",
    "InvitationAdmin",
    "LongList",
    "ReadOnly",
    "TagAdmin",
    "invitations_sent",
    "portal_access",
]
