"""The portal: what an invited contact sees, its conversation with the team."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.throttling import asks_too_often
from contacts.conversation import FILES_SHOWN, Conversation
from contacts.forms.files import wrong_with
from contacts.forms.portal import ReplyForm
from contacts.gate import ended, open_to_portal
from contacts.importing.upload import takes_files
from contacts.models import Contact, Invitation, Message
from contacts.views.answers import SeeOther, toast
from contacts.views.attachments import handed_over, shown


@open_to_portal
@never_cache
@require_safe
def portal(request: HttpRequest) -> HttpResponse:
    """Show the conversation; where an account has several, let it choose one."""
    accesses = Invitation.objects.giving_access(request.user).select_related("contact")
    contacts = {access.contact_id: access.contact for access in accesses}
    if not contacts:
        page = ended(request)
        if page is None:
            raise PermissionDenied(_("You have no portal."))
        return page
    if len(contacts) > 1:
        return render(request, "portal/choice.html", {"contacts": contacts.values()})
    [contact] = contacts.values()
    return _page(request, contact, ReplyForm())


@open_to_portal
@never_cache
@require_safe
def conversation(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show the conversation of one contact; `?before=` a message, what was said earlier."""
    return _page(request, own_contact(request, pk), ReplyForm())


@open_to_portal
@never_cache
@require_safe
def earlier(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Answer with the messages before `?before=`, to stand above those that the page shows."""
    contact = own_contact(request, pk)
    stretch = Conversation(contact).before(_key(request.GET.get("before")))
    return render(request, "portal/earlier.html", {"contact": contact, "stretch": stretch})


@open_to_portal
@never_cache
@require_safe
def latest(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Answer with the messages from `?from=` on; 204 where the page has `?seen=` all of them."""
    contact = own_contact(request, pk)
    talk, start = Conversation(contact), _key(request.GET.get("from"))
    if request.GET.get("seen") == str(talk.count_since(start)):
        return HttpResponse(status=204)
    context = {"contact": contact, "stretch": talk.since(start)}
    return render(request, "portal/latest.html", context)


@takes_files("MESSAGE_MAX_BYTES")
@open_to_portal
@require_POST
@transaction.atomic
def reply(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take in what the contact wrote; sent twice, it is one message."""
    own_contact(request, pk)
    form = ReplyForm(request.POST, request.FILES)
    wrong = wrong_with(form, request)  # before anything is locked: a scanner takes its time
    contact = own_contact(request, pk, lock=True)
    if not wrong and _replies_too_often(request):
        form.add_error(None, _("These are very many messages. Wait a minute, then send again."))
        response = _not_sent(request, contact, form, status=429)
        response.headers["Retry-After"] = "60"
        return response
    if wrong:
        return _not_sent(request, contact, form, status=wrong)
    data = form.cleaned_data
    try:
        with transaction.atomic():
            Message.receive(
                contact, pk=data["id"], body=data["body"], files=data["attachments"], via="portal"
            )
    except IntegrityError:
        form.add_error(None, _("This form was used before. Copy your text and load the page anew."))
        return _not_sent(request, contact, form)
    if request.htmx:
        stretch = Conversation(contact).since(_key(request.POST.get("from")))
        context = {"contact": contact, "form": ReplyForm(), "stretch": stretch}
        return toast(render(request, "portal/replied.html", context), _("Sent"))
    messages.success(request, _("Sent"))
    return SeeOther(reverse("portal_conversation", args=[pk]))


@open_to_portal
@never_cache
@require_safe
def file(request: HttpRequest, pk: UUID, file: UUID) -> HttpResponseBase:
    """Send a file of the conversation, to be saved and never to be run."""
    contact = own_contact(request, pk)
    return handed_over(request, get_object_or_404(Conversation(contact).files, pk=file))


@open_to_portal
@never_cache
@require_safe
def image(request: HttpRequest, pk: UUID, file: UUID) -> HttpResponseBase:
    """Show an image of the conversation; 404 for any other file."""
    contact = own_contact(request, pk)
    return shown(request, get_object_or_404(Conversation(contact).files, pk=file))


def own_contact(request: HttpRequest, pk: UUID, *, lock: bool = False) -> Contact:
    """Return the contact whose portal it is, locked where asked; 404 where it is not theirs."""
    accesses = Invitation.objects.giving_access(request.user)
    theirs = Contact.objects.filter(pk__in=accesses.values("contact"))
    rows = theirs.unmerged().select_for_update() if lock else theirs
    contact = rows.filter(pk=pk).first()
    if contact is None and lock and theirs.filter(pk=pk).exists():
        contact = Contact.objects.locked_with_survivor(pk)
    if contact is None:
        raise Http404
    return contact


def _page(
    request: HttpRequest, contact: Contact, form: ReplyForm, status: int = 200
) -> HttpResponse:
    talk, before = Conversation(contact), _key(request.GET.get("before"))
    context = {
        "contact": contact,
        "form": form,
        "stretch": talk.before(before) if before else talk.newest(),
        "is_earlier": bool(before),
        "people": talk.people,
        "files": talk.files[:FILES_SHOWN],
    }
    return render(request, "portal/conversation.html", context, status=status)


def _not_sent(
    request: HttpRequest, contact: Contact, form: ReplyForm, status: int = 422
) -> HttpResponse:
    if request.htmx:
        context: dict[str, Any] = {"contact": contact, "form": form}
        return render(request, "portal/_reply.html", context, status=status)
    return _page(request, contact, form, status=status)


def _key(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None


def _replies_too_often(request: HttpRequest) -> bool:
    """Count a message; tell whether its client's address has sent too many of them."""
    most = settings.PORTAL_MESSAGES_PER_MINUTE
    return most > 0 and asks_too_often(request, "portal-reply", times=most, seconds=60)
