"""Comments: add, edit, delete, and the versions of one."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from contacts.forms.acting import CommentEditForm, CommentForm
from contacts.forms.files import wrong_with
from contacts.importing.upload import takes_files
from contacts.models import Comment, Contact, ContactGone, StaleRow
from contacts.views.answers import SeeOther, acted, toast
from contacts.views.composing import composer
from contacts.views.detail import page


@takes_files("COMMENT_MAX_BYTES")
@require_POST
@permission_required("contacts.add_comment", raise_exception=True)
@transaction.atomic
def add(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Add a comment with its files; sent twice, it is one."""
    form = CommentForm(request.POST, request.FILES)
    wrong = wrong_with(form, request)  # before anything is locked: a scanner takes its time
    try:
        contact = Contact.objects.locked(pk)
    except ContactGone as gone:
        context = {"deleted": gone.receipt, "body": request.POST.get("body", "")}
        name = "_comment_unsent" if request.htmx else "comment_unsent"
        return render(request, f"contacts/{name}.html", context, status=410)
    if wrong:
        if request.htmx:
            context = {"contact": contact} | composer(request, contact, comment_form=form)
            return render(request, "contacts/_composer.html", context, status=wrong)
        return page(request, contact, status=wrong, comment_form=form)
    data = form.cleaned_data
    try:
        with transaction.atomic():
            Comment.add(
                contact,
                author=request.user,
                body=data["body"],
                pk=data["id"],
                files=data["attachments"],
            )
    except IntegrityError:
        raise PermissionDenied(_("That id belongs to another comment.")) from None
    fresh = composer(request, contact, comment_form=CommentForm())
    return acted(request, contact, "contacts/composed.html", _("Comment added"), **fresh)


@require_http_methods(["GET", "POST"])
@permission_required("contacts.change_comment", raise_exception=True)
@transaction.atomic
def edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Change one's own comment; where it was changed or deleted meanwhile, keep what was typed."""
    comment = _locked(pk) if request.method == "POST" else Comment.objects.filter(pk=pk).first()
    if request.method == "POST" and (comment is None or comment.deleted_at):
        context = {"pk": pk, "comment": comment, "body": request.POST.get("body", "")}
        name = "_comment_gone" if request.htmx else "comment_gone"
        return render(request, f"contacts/{name}.html", context, status=410)
    comment = _own(request, comment)
    form = CommentEditForm(request.POST or None, comment=comment)
    status = 200
    if form.is_bound and not form.is_valid():
        # A form that does not say which text it saw counts as one that saw another.
        status = 409 if set(form.errors) == {"version"} else 422
    elif form.is_bound:
        try:
            comment.edit(form.cleaned_data["body"], form.cleaned_data["version"])
        except StaleRow:
            status = 409
        else:
            return _changed(request, comment, _("Comment saved"))
    if status == 409:
        form.data = form.data.copy() | {"version": str(comment.version)}
    context = {"comment": comment, "form": form, "conflict": status == 409}
    template = "contacts/_comment_edit.html" if request.htmx else "contacts/comment_edit.html"
    return render(request, template, context, status=status)


@require_GET
@permission_required("contacts.change_comment", raise_exception=True)
def edit_form(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Answer with the form to edit one's own comment in place."""
    comment = _own(request, Comment.objects.filter(pk=pk).first())
    form = CommentEditForm(comment=comment)
    return render(request, "contacts/_comment_edit.html", {"comment": comment, "form": form})


@require_GET
@permission_required("contacts.view_contact", raise_exception=True)
def row(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Answer with a comment's row of the timeline."""
    comment = get_object_or_404(Comment.objects.select_related("deleted_by"), pk=pk)
    return render(request, "contacts/comment_row.html", {"comment": comment})


@require_POST
@permission_required("contacts.change_comment", raise_exception=True)
@transaction.atomic
def delete(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Leave a tombstone in place of a comment: one's own, or as a moderator anybody's."""
    comment = _locked(pk)
    if comment is None:
        raise Http404
    if comment.author_id != request.user.pk and not request.user.has_perm(
        "contacts.moderate_comment"
    ):
        raise PermissionDenied(_("Only who wrote a comment, or a manager, can delete it."))
    undo = reverse("comment_restore", args=[pk]) if comment.remove(by=request.user) else ""
    return _changed(request, comment, _("Comment deleted"), undo)


@require_GET
@permission_required("contacts.view_contact", raise_exception=True)
def versions(
    request: HttpRequest, pk: UUID, template: str = "contacts/comment_versions.html"
) -> HttpResponse:
    """Show all texts a comment has had, newest first; none once it was deleted."""
    comment = get_object_or_404(Comment, pk=pk, deleted_at=None)
    context = {"comment": comment, "versions": comment.history.select_related("history_user")}
    return render(request, template, context)


def _locked(pk: UUID) -> Comment | None:
    """Return a comment, locked; None where there is none. Raises ContactGone."""
    try:
        return Comment.objects.locked(pk)
    except Http404:
        return None


def _own(request: HttpRequest, comment: Comment | None) -> Comment:
    if comment is None or comment.deleted_at:
        raise Http404
    if comment.author_id != request.user.pk:
        raise PermissionDenied(_("Only who wrote a comment can change it."))
    return comment


def _changed(request: HttpRequest, comment: Comment, text: str, undo: str = "") -> HttpResponse:
    if request.htmx:
        context = {"comment": comment}
        return toast(render(request, "contacts/comment_row.html", context), text, undo=undo)
    messages.success(request, text, extra_tags=undo)
    return SeeOther(f"{comment.contact.survivor.get_absolute_url()}#comment-{comment.pk}")
