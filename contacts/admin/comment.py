"""Comments and tags in Django admin."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contacts.admin.first_rows import LongList
from contacts.admin.read_only import FoundByContact, ReadOnly
from contacts.models import Comment, Tag


@admin.register(Comment)
class CommentAdmin(ReadOnly, FoundByContact, LongList, admin.ModelAdmin):
    """Lists comments. They are written, edited and deleted on the contact's page."""

    list_display = ("text", "contact", "author", "created_at", "edited_at", "deleted_at")
    list_select_related = ("contact", "author")
    ordering = ("-id",)
    fields = ("contact", "author", "text", "created_at", "edited_at", "deleted_at", "deleted_by")

    @admin.display(description=_("comment"))
    def text(self, comment: Comment) -> str:
        """Return the text; of a deleted comment, that it was deleted."""
        return gettext("Deleted") if comment.deleted_at else comment.body


@admin.register(Tag)
class TagAdmin(admin.ModelAdmin):
    """The words offered when somebody tags a contact; contacts keep theirs when one goes."""

    search_fields = ("name",)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: the name is all there is of a tag, so that another name is another tag."""
        return False

    def save_model(self, request: HttpRequest, obj: Tag, form: Any, change: bool) -> None:
        """Offer the tag."""
        obj.offer()

    def delete_model(self, request: HttpRequest, obj: Tag) -> None:
        """Offer the tag no longer."""
        obj.withdraw()

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Tag]) -> None:
        """Offer none of them any longer."""
        for tag in queryset:
            tag.withdraw()
