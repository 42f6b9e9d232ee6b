"""What team members tell each other about a contact. It has no path to outside mail."""

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar
from uuid import UUID

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.files import File
from django.db import models, transaction
from django.db.models import F, Func, JSONField
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from contacts.markdown import render
from contacts.models.blocking import UNDO_TIME, TooLate
from contacts.models.comment_file import CommentFile
from contacts.models.composed import Composed, any_of
from contacts.models.contact import Contact
from contacts.models.mention import Mention, Mentioning
from contacts.models.stored_file import files_of, told
from contacts.models.tracking import StaleRow, Tracked
from contacts.models.versions import Versions

FILES = files_of(CommentFile, "comment_id")


class CommentText(models.Model):
    """What a comment and its versions have in common: a text."""

    body: str

    class Meta:
        abstract = True

    @property
    def html(self) -> str:
        """Return the text as harmless HTML."""
        return render(self.body)


class Comment(Mentioning, CommentText, Tracked):
    """A remark for the team. Edits keep their versions; a deleted one leaves who and when."""

    noun = "comment"
    created_as = "added"
    unspoken = frozenset(
        {"contact_id", "author_id", "created_at", "edited_at", "deleted_at", "deleted_by_id"}
    )

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    contact = models.ForeignKey(
        Contact, on_delete=models.CASCADE, related_name="comments", verbose_name=_("contact")
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        verbose_name=_("author"),
    )
    body = models.TextField(_("comment"), max_length=10_000)
    created_at = models.DateTimeField(_("written"), default=timezone.now, editable=False)
    edited_at = models.DateTimeField(_("edited"), null=True, blank=True)
    deleted_at = models.DateTimeField(_("deleted"), null=True, blank=True)
    deleted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        db_index=False,
        verbose_name=_("deleted by"),
    )

    history = Versions(bases=[CommentText])
    _on_rows: ClassVar = Composed(
        lambda ids: (
            Comment.objects.select_related("deleted_by")
            .annotate(
                told_files=Func(F("pk"), template=FILES, output_field=ArrayField(JSONField())),
                told_mentions=Mention.objects.told(),
            )
            .filter(any_of(ids))
        )
    )

    class Meta:
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        permissions = (("moderate_comment", _("Can delete another's comment")),)

    def __str__(self) -> str:
        return self.body[:60]

    @classmethod
    def for_timeline(cls, ids: Iterable[Any]) -> dict[Any, "Comment"]:
        """Return {id: comment} with all that its row shows."""
        comments = cls._on_rows.ask(list(ids))
        for comment in comments:
            comment.files = [CommentFile(**told) for told in comment.told_files]
        return {comment.pk: comment for comment in comments}

    @cached_property
    def files(self) -> list[CommentFile]:
        """Return the files that it carries."""
        return list(self.attachments.all())

    @property
    def stamp(self) -> str:
        """Return what its drawn row depends on, but for the event."""
        return f"{self.version}{self.named or ''}"

    def rights(self, viewer: Any) -> dict[str, bool]:
        """Return what that user may do on its row."""
        mine = self.author_id == viewer.pk and viewer.has_perm("contacts.change_comment")
        may_delete = mine or viewer.has_perm("contacts.moderate_comment")
        return {"may_edit": mine, "may_delete": may_delete}

    @classmethod
    def add(
        cls, contact: Contact, *, author: Any, body: str, pk: UUID, files: Sequence[File] = ()
    ) -> None:
        """Add a comment under the id its form carried; a second submit adds nothing.

        Call it with the contact locked. Raises IntegrityError where the id is another comment's.
        """
        if cls.objects.filter(pk=pk, contact=contact, author=author).exists():
            return
        comment = cls(pk=pk, contact=contact, author=author, body=body)
        with transaction.atomic(savepoint=False):
            comment.save(details={"files": told(files)} if files else {}, force_insert=True)
            for file in files:
                CommentFile.keep(comment, file)
            Mention.objects.keep(comment)

    def edit(self, body: str, version: int) -> bool:
        """Replace the text. Returns False where it already reads so.

        `version` is that of the text the editor saw. Raises StaleRow where it is no longer current.
        """
        if self.version != version or self.deleted_at:
            raise StaleRow(self)
        if body == self.body:
            return False
        before, self.body, self.edited_at = self.body, body, timezone.now()
        self.save(verb="comment.edited")
        Mention.objects.keep(self, before)
        return True

    def remove(self, by: Any) -> bool:
        """Leave a tombstone in place of the text. Returns False where there was one already."""
        if self.deleted_at:
            return False
        self.deleted_at, self.deleted_by = timezone.now(), by
        self.save(verb="comment.deleted")
        return True

    def restore(self, by: Any) -> bool:
        """Put the text back in place of the tombstone. Returns False where there is none.

        Raises TooLate for anybody but who deleted it, and for them after UNDO_TIME.
        """
        if not self.deleted_at:
            return False
        if self.deleted_by_id != by.pk or timezone.now() - self.deleted_at > UNDO_TIME:
            raise TooLate
        self.deleted_at = self.deleted_by = None
        self.save(verb="comment.restored")
        return True
