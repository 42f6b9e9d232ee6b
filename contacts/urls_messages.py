"""Addresses of messages, of their deliveries, and of files."""

from django.urls import path

from contacts.models import Attachment, CommentFile
from contacts.views import attachments, composing, messaging

OF_MESSAGES, OF_COMMENTS = {"model": Attachment}, {"model": CommentFile}

urlpatterns = [
    path("contacts/<uuid:pk>/messages/", messaging.send, name="contact_messages"),
    path("contacts/<uuid:pk>/compose", composing.compose, name="contact_compose"),
    path("messages/<uuid:pk>/cancel", messaging.cancel, name="message_cancel"),
    path("messages/<uuid:pk>/retry", messaging.retry, name="message_retry"),
    path("messages/<uuid:pk>/row", messaging.row, name="message_row"),
    path("deliveries/<uuid:pk>/arrived", messaging.arrived, name="delivery_arrived"),
    path("attachments/<uuid:pk>/", attachments.download, OF_MESSAGES, name="attachment"),
    path("attachments/<uuid:pk>/image", attachments.image, OF_MESSAGES, name="attachment_image"),
    path("comments/files/<uuid:pk>/", attachments.download, OF_COMMENTS, name="comment_file"),
    path(
        "comments/files/<uuid:pk>/image", attachments.image, OF_COMMENTS, name="comment_file_image"
    ),
]
