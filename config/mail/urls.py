"""Addresses of the mailbox."""

from django.urls import path

from config.mail import views

urlpatterns = [
    path("mail/", views.mailbox, name="mailbox"),
    path("mail/<slug:name>/", views.kept_mail, name="mailbox_mail"),
    path("mail/<slug:name>/html", views.html_part, name="mailbox_html"),
    path("mail/<slug:name>/attachments/<int:number>", views.attachment, name="mailbox_attachment"),
]
