"""A contact's Activity page, and the receipt that is left when it was deleted."""

from uuid import UUID

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from contacts.forms.acting import CommentForm
from contacts.forms.messaging import MessageForm
from contacts.models import Contact, ContactGone, DeletedContact
from contacts.switching import list_of
from contacts.views.composing import composer


@require_GET
@permission_required("contacts.view_contact", raise_exception=True)
def contact(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show the Activity page; of a deleted contact the receipt, as 410 Gone."""
    try:
        return page(request, Contact.objects.on_page(pk, request.user.pk))
    except ContactGone as gone:
        return receipt(request, gone.receipt)


def page(
    request: HttpRequest,
    contact: Contact,
    *,
    status: int = 200,
    comment_form: CommentForm | None = None,
    message_form: MessageForm | None = None,
) -> HttpResponse:
    """Show the Activity page; a form that is given holds what was typed."""
    contact = contact.survivor
    context = {"contact": contact, "list": list_of(request)}
    context |= composer(request, contact, comment_form, message_form)
    return render(request, "contacts/detail.html", context, status=status)


def receipt(request: HttpRequest, deleted: DeletedContact) -> HttpResponse:
    """Show what is left of a deleted contact: who deleted it, when, why, and the bare facts."""
    return render(request, "contacts/receipt.html", {"deleted": deleted}, status=410)
