"""Messages: send, take back, send again, and what is known of their delivery."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from accounts.throttling import MESSAGES, limited
from contacts.forms.files import wrong_with
from contacts.forms.messaging import AddressForm, MessageForm
from contacts.importing.upload import takes_files
from contacts.models import Blocked, Contact, ContactGone, Delivery, Message
from contacts.views.answers import SeeOther, acted, refused, toast
from contacts.views.composing import composer
from contacts.views.detail import page


@takes_files("MESSAGE_MAX_BYTES")
@require_POST
@permission_required("contacts.add_message", raise_exception=True)
@limited(MESSAGES)
@transaction.atomic
def send(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Queue a message; sent twice, it is one."""
    try:
        seen = Contact.objects.present(pk)
        form = MessageForm(request.POST, request.FILES, contact=seen)
        wrong = wrong_with(form, request)  # before anything is locked: a scanner takes its time
        contact = Contact.objects.locked(pk)
    except ContactGone as gone:
        kept = {name: request.POST.get(name, "") for name in ("subject", "body")}
        name = "_message_unsent" if request.htmx else "message_unsent"
        context = {"deleted": gone.receipt} | kept
        return render(request, f"contacts/{name}.html", context, status=410)
    if wrong := wrong or form.wrong_now(contact):
        return _unsent(request, contact, form, wrong)
    try:
        with transaction.atomic():
            message = form.send(author=request.user)
    except IntegrityError:
        raise PermissionDenied(_("That id belongs to another message.")) from None
    except Blocked:
        return _unsent(request, contact, form, 409)
    fresh = composer(request, contact, message_form=MessageForm.blank(contact))
    undo = reverse("message_cancel", args=[message.pk]) if settings.MESSAGE_GRACE_SECONDS else ""
    return acted(request, contact, "contacts/composed.html", _leaves(), undo=undo, **fresh)


@require_POST
@permission_required("contacts.add_message", raise_exception=True)
@transaction.atomic
def cancel(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take a message back before it leaves; with `edit`, into the composer."""
    message = Message.objects.filter(incoming=False).locked(pk)
    done = message.cancel(by=request.user)
    if not done and message.delivery.state != Delivery.State.CANCELLED:
        return _changed(request, message, _("Too late, it is on its way already."), "bad")
    text = _("Cancelled. Nothing was sent.")
    if "edit" not in request.POST:
        return _changed(request, message, text)
    contact = message.contact.survivor
    address = f"{contact.get_absolute_url()}?compose=message&edit={message.pk}#composer"
    if not request.htmx:
        return SeeOther(address)
    form = MessageForm.blank(contact, {"edit": str(message.pk)})
    fresh = composer(request, contact, message_form=form)
    return _changed(request, message, text, fetched=True, **fresh)


@require_POST
@permission_required("contacts.add_message", raise_exception=True)
@transaction.atomic
def retry(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Send a message again that did not arrive, to another address where one is chosen."""
    message = Message.objects.filter(incoming=False).locked(pk)
    form = AddressForm(
        {"address": request.POST.get("address") or message.address}, contact=message.contact
    )
    if not form.is_valid():
        return refused(request, message.contact, form)
    try:
        done = message.retry(form.cleaned_data["address"])
    except Blocked as blocked:
        return _blocked(request, message.contact, blocked)
    text = _("It is sent again.") if done else _("It is on its way already.")
    return _changed(request, message, text)


@require_POST
@permission_required("contacts.view_contact", raise_exception=True)
@transaction.atomic
def arrived(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Note that a mail arrived of which nobody knew: a person has asked."""
    found = get_object_or_404(Delivery, pk=pk)
    Contact.objects.locked_with_survivor(found.contact_id)
    delivery = Delivery.objects.select_related("message", "invitation", "share").get(pk=pk)
    if not request.user.has_perm(f"contacts.add_{delivery.about.noun}"):
        raise PermissionDenied
    delivery.arrived()
    return _changed(request, delivery.about, _("Noted that it arrived."))


@require_GET
@permission_required("contacts.view_contact", raise_exception=True)
def row(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Answer with a message's row of the timeline; 204 where it is as the page has `seen` it."""
    message = Message.for_timeline([pk]).get(pk)
    if message is None:
        raise Http404
    if request.GET.get("seen") == message.stamp:
        return HttpResponse(status=204)
    return render(request, "contacts/living_row.html", {"living": message})


def _leaves() -> str:
    seconds = settings.MESSAGE_GRACE_SECONDS
    if not seconds:
        return _("It is on its way.")
    return ngettext("Leaves in %(count)d second", "Leaves in %(count)d seconds", seconds) % {
        "count": seconds
    }


def _unsent(request: HttpRequest, contact: Contact, form: MessageForm, status: int) -> HttpResponse:
    if not request.htmx:
        return page(request, contact, status=status, message_form=form)
    context = {"contact": contact} | composer(request, contact, message_form=form)
    return render(request, "contacts/_composer.html", context, status=status)


def _blocked(request: HttpRequest, contact: Contact, blocked: Blocked) -> HttpResponse:
    """Answer that nothing may leave, with the composer, which offers the way out."""
    contact = contact.survivor
    form = MessageForm.blank(contact)
    if not request.htmx:
        messages.error(request, str(blocked))
        return page(request, contact, status=409, message_form=form)
    context = {"contact": contact} | composer(request, contact, message_form=form)
    answer = render(request, "contacts/blocked.html", context, status=409)
    return toast(answer, str(blocked), kind="bad")


def _changed(
    request: HttpRequest, about: Any, text: str, kind: str = "ok", **context: Any
) -> HttpResponse:
    """Answer with the row of a message, invitation or share as it is now."""
    if not request.htmx:
        level = messages.ERROR if kind == "bad" else messages.SUCCESS
        messages.add_message(request, level, text)
        return SeeOther(f"{about.contact.survivor.get_absolute_url()}#{about.noun}-{about.pk}")
    [living] = type(about).for_timeline([about.pk]).values()
    context |= {"living": living, "contact": living.contact.survivor}
    return toast(render(request, "contacts/changed_row.html", context), text, kind=kind)
