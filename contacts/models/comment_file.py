"""Files of comments, for the team alone: whatever leaves the house knows another table."""

from datetime import timedelta
from typing import Any, ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contacts.models.stored_file import StoredFile

# How long a deleted comment keeps its files: somebody may undo it within UNDO_TIME.
KEPT_AFTER_DELETION = timedelta(minutes=10)


class CommentFileQuerySet(models.QuerySet):
    """Files of comments by what became of the comment."""

    def discard(self) -> int:
        """Delete the stored files of comments that stay deleted; return of how many.

        Their rows stay with the comment's tombstone: name, size and fingerprint.
        """
        before = timezone.now() - KEPT_AFTER_DELETION
        overdue = self.filter(comment__deleted_at__lte=before).exclude(file="")
        for kept in overdue:
            kept.discard_file()
        return self.filter(pk__in=[kept.pk for kept in overdue]).update(file="")


class CommentFile(StoredFile):
    """A file of a comment. It goes with its contact, its content with its comment."""

    folder = "comments"
    route = "comment_file"
    readable: ClassVar[dict[str, Any]] = {"comment__deleted_at": None}

    contact = models.ForeignKey(
        "contacts.Contact", on_delete=models.CASCADE, related_name="comment_files"
    )
    comment = models.ForeignKey(
        "contacts.Comment", on_delete=models.CASCADE, related_name="attachments"
    )

    objects = CommentFileQuerySet.as_manager()

    class Meta:
        verbose_name = _("file of a comment")
        verbose_name_plural = _("files of comments")
        default_permissions = ()
        ordering = ("id",)
