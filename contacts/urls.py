"""Addresses of contacts and of what is done with them, by subject."""

from django.urls import include, path

from contacts.views import archiving, commenting, deleting, undoing
from contacts.views.card import card
from contacts.views.detail import contact
from contacts.views.editing import contact_edit, contact_new
from contacts.views.listing import contacts

urlpatterns = [
    path("", include("contacts.urls_exporting")),
    path("", include("contacts.urls_importing")),
    path("", include("contacts.urls_messages")),
    path("", include("contacts.urls_invitations")),
    path("", include("contacts.urls_shares")),
    path("", include("contacts.urls_portal")),
    path("", include("contacts.urls_bulk")),
    path("", include("contacts.urls_merging")),
    path("", include("contacts.urls_palette")),
    path("", include("contacts.urls_help")),
    path("", include("contacts.urls_people")),
    path("contacts/", contacts, name="contacts"),
    path("contacts/new", contact_new, name="contact_new"),
    path("contacts/<uuid:pk>/", contact, name="contact"),
    path("contacts/<uuid:pk>/card.vcf", card, name="contact_card"),
    path("contacts/<uuid:pk>/archive", archiving.archive, name="contact_archive"),
    path("contacts/<uuid:pk>/restore", archiving.restore, name="contact_restore"),
    path("contacts/<uuid:pk>/delete", deleting.delete, name="contact_delete"),
    path("contacts/<uuid:pk>/delete/dialog", deleting.dialog, name="contact_delete_dialog"),
    path("contacts/<uuid:pk>/comments/", commenting.add, name="contact_comments"),
    path("comments/<uuid:pk>/edit", commenting.edit, name="comment_edit"),
    path("comments/<uuid:pk>/edit/form", commenting.edit_form, name="comment_edit_form"),
    path("comments/<uuid:pk>/row", commenting.row, name="comment_row"),
    path("comments/<uuid:pk>/delete", commenting.delete, name="comment_delete"),
    path("comments/<uuid:pk>/restore", undoing.comment, name="comment_restore"),
    path("comments/<uuid:pk>/versions", commenting.versions, name="comment_versions"),
    path(
        "comments/<uuid:pk>/versions/dialog",
        commenting.versions,
        {"template": "contacts/_comment_versions.html"},
        name="comment_versions_dialog",
    ),
    path("contacts/<uuid:pk>/edit", contact_edit, name="contact_edit"),
]
