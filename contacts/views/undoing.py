"""Undoing what was just done: a comment that was deleted, an invitation that was revoked.

Archiving and restoring undo each other: contacts.views.archiving.
"""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from contacts.models import Blocked, Comment, Contact, Invitation, TooLate
from contacts.views.answers import SeeOther, acted, refusal, toast
from contacts.views.inviting import may_invite, require_right


@require_POST
@permission_required("contacts.change_comment", raise_exception=True)
@transaction.atomic
def comment(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Put back a comment that this user has just deleted."""
    comment = Comment.objects.locked(pk)
    if comment.author_id != request.user.pk and not request.user.has_perm(
        "contacts.moderate_comment"
    ):
        raise PermissionDenied(_("Only who wrote a comment, or a manager, can put it back."))
    try:
        comment.restore(by=request.user)
    except TooLate:
        text = _("It is too late to undo this. The comment stays deleted.")
        return _refused(request, comment.contact, text)
    if request.htmx:
        context = {"living": comment, "contact": comment.contact.survivor}
        return toast(render(request, "contacts/changed_row.html", context), _("Comment put back"))
    messages.success(request, _("Comment put back"))
    return SeeOther(f"{comment.contact.survivor.get_absolute_url()}#comment-{comment.pk}")


@require_POST
@may_invite
@transaction.atomic
def invitation(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Let an invitation stand that this user has just revoked; `note` came with the revocation."""
    invitation = Invitation.objects.locked(pk)
    require_right(request, invitation.role)
    try:
        invitation.reopen(request.user, request.GET.get("note", ""))
    except TooLate:
        text = _("It is too late to undo this. Send the invitation again instead.")
        return _refused(request, invitation.contact, text)
    except Blocked as blocked:
        return _refused(request, invitation.contact, str(blocked))
    text = _("The invitation to %(email)s is open again.") % {"email": invitation.email}
    template = "contacts/invited.html"
    return acted(request, invitation.contact, template, text, invitation=invitation)


def _refused(request: HttpRequest, contact: Contact, text: str) -> HttpResponse:
    if request.htmx:
        return refusal(text, 409)
    context = {"contact": contact.survivor, "problem": text}
    return render(request, "contacts/not_undone.html", context, status=409)
