"""Addresses of the portal, of wishes for no mail, and of their links in mails."""

from django.urls import path

from contacts.views import portal, portal_account, reaching, unsubscribing

urlpatterns = [
    path("portal/", portal.portal, name="portal"),
    path("portal/preferences/", portal_account.preferences, name="portal_preferences"),
    path("portal/<uuid:pk>/", portal.conversation, name="portal_conversation"),
    path("portal/<uuid:pk>/earlier", portal.earlier, name="portal_earlier"),
    path("portal/<uuid:pk>/latest", portal.latest, name="portal_latest"),
    path("portal/<uuid:pk>/reply", portal.reply, name="portal_reply"),
    path("portal/<uuid:pk>/files/<uuid:file>", portal.file, name="portal_file"),
    path("portal/<uuid:pk>/files/<uuid:file>/image", portal.image, name="portal_image"),
    path("portal/<uuid:pk>/details", portal_account.details, name="portal_details"),
    path("portal/<uuid:pk>/mail", portal_account.mail, name="portal_mail"),
    path("portal/<uuid:pk>/leave", portal_account.leave, name="portal_leave"),
    path("contacts/<uuid:pk>/opt-out", reaching.opt_out, name="contact_opt_out"),
    path("contacts/<uuid:pk>/opt-in", reaching.opt_in, name="contact_opt_in"),
    path("u/<str:token>/", unsubscribing.unsubscribe, name="unsubscribe"),
]
