"""Addresses of invitations."""

from django.urls import path

from contacts.views import invited, inviting, undoing

urlpatterns = [
    path("contacts/<uuid:pk>/invitations/", inviting.invite, name="contact_invitations"),
    path("contacts/<uuid:pk>/invitations/new", inviting.new, name="invitation_new"),
    path(
        "contacts/<uuid:pk>/invitations/new/dialog",
        inviting.new,
        {"template": "contacts/_invite.html"},
        name="invitation_dialog",
    ),
    path("invitations/<uuid:pk>/row", inviting.row, name="invitation_row"),
    path("invitations/<uuid:pk>/resend", inviting.resend, name="invitation_resend"),
    path("invitations/<uuid:pk>/revoke", inviting.revoke, name="invitation_revoke"),
    path("invitations/<uuid:pk>/reopen", undoing.invitation, name="invitation_reopen"),
    path("invitations/<uuid:pk>/link", inviting.link, name="invitation_link"),
    path("invitations/<uuid:pk>/end", inviting.end, name="invitation_end"),
    path("invitations/<uuid:pk>/arrived", inviting.arrived, name="invitation_arrived"),
    path("i/", invited.invitation, name="invitation_waiting"),
    path("i/<str:token>/", invited.invitation, name="invitation"),
    path("i/<str:token>/opened", invited.opened, name="invitation_opened"),
]
