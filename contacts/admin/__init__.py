from contacts.admin.comment import CommentAdmin, TagAdmin
from contacts.admin.contact import ContactAdmin
from contacts.admin.delivery import DeliveryAdmin
from contacts.admin.first_rows import FirstRows
from contacts.admin.of_users import invitations_sent, portal_access
from contacts.admin.read_only import ReadOnly

__all__ = [
    "CommentAdmin",
    "ContactAdmin",
    "DeliveryAdmin",
    "FirstRows",
    "ReadOnly",
    "TagAdmin",
    "invitations_sent",
    "portal_access",
]
