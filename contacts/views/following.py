"""Following a contact, and following it no longer."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from contacts.models import Contact, Follow
from contacts.views.answers import SeeOther, toast


@require_POST
@permission_required("contacts.view_contact", raise_exception=True)
@transaction.atomic
def follow(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Tell the user from now on what others do with the contact."""
    contact = Contact.objects.locked(pk)
    Follow.objects.follow(request.user, contact)
    text = _("You follow %(name)s. Your inbox tells what others do here.")
    return _answer(request, contact, text % {"name": contact.name}, is_followed=True)


@require_POST
@permission_required("contacts.view_contact", raise_exception=True)
@transaction.atomic
def unfollow(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Tell the user no longer; what is in the inbox stays there."""
    contact = Contact.objects.locked(pk)
    Follow.objects.unfollow(request.user, contact)
    text = _("You no longer follow %(name)s.") % {"name": contact.name}
    return _answer(request, contact, text, is_followed=False)


def _answer(
    request: HttpRequest, contact: Contact, text: str, *, is_followed: bool
) -> HttpResponse:
    if request.htmx:
        contact.is_followed = is_followed
        return toast(render(request, "contacts/_follow.html", {"contact": contact}), text)
    messages.success(request, text)
    return SeeOther(contact.get_absolute_url())
