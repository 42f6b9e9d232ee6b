"""What the composer of the Activity page shows: a comment or a message."""

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from contacts.forms.acting import CommentForm
from contacts.forms.messaging import MessageForm
from contacts.models import Contact

MESSAGE = "contacts.add_message"


def composer(
    request: HttpRequest,
    contact: Contact,
    comment_form: CommentForm | None = None,
    message_form: MessageForm | None = None,
) -> dict[str, Any]:
    """Return the composer's part of a page: the tab of the form given, else the one asked for."""
    wanted = request.GET.get("compose") == "message" and comment_form is None
    if message_form or (wanted and request.user.has_perm(MESSAGE)):
        message_form = message_form or MessageForm.blank(contact, request.GET)
        return {"compose": "message", "message_form": message_form}
    return {"compose": "comment", "comment_form": comment_form or CommentForm()}


@require_GET
@permission_required("contacts.add_comment", raise_exception=True)
def compose(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Answer with the composer alone, as the page's own address would show it."""
    contact = Contact.objects.present(pk)
    context = {"contact": contact, "fetched": True} | composer(request, contact)
    return render(request, "contacts/_composer.html", context)
