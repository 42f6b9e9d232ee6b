"""Putting an earlier value of a contact's field back."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from activity.models import ActivityEvent
from contacts.models import Blocked, Contact, StaleRow
from contacts.views.answers import SeeOther, toast


class PutBackForm(forms.Form):
    """Which field gets an earlier value; `seen` is the contact's version that the page showed.

    `anyway`: the value is an address that another contact has, and that was said.
    """

    field = forms.ChoiceField()
    seen = forms.IntegerField(min_value=1, max_value=2**31 - 1)
    anyway = forms.BooleanField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["field"].choices = list(Contact.recoverable().items())


@require_POST
@permission_required("contacts.change_contact", raise_exception=True)
@transaction.atomic
def put_back(request: HttpRequest, pk: UUID, version: int) -> HttpResponse:
    """Give a field the value it had in that version; the answer offers to undo it."""
    contact = Contact.objects.locked(pk)
    form = PutBackForm(request.GET.dict() | request.POST.dict())
    if not form.is_valid():
        return _refused(request, contact, _("That value cannot be put back."), 422)
    name, seen = form.cleaned_data["field"], form.cleaned_data["seen"]
    label, before = Contact.recoverable()[name], contact.version
    try:
        changed = contact.put_back(
            name,
            version,
            seen=seen,
            source=_source(contact, version),
            shared=form.cleaned_data["anyway"],
        )
    except contact.history.model.DoesNotExist:
        raise Http404 from None
    except Blocked as blocked:
        return _refused(request, contact, str(blocked), 409)
    except StaleRow:
        text = _("%(field)s was changed in the meantime.") % {"field": label}
        return _asked(request, contact, version, name, text)
    except ValidationError as error:
        text = " ".join(error.messages)
        if getattr(error, "code", "") == "taken":
            return _asked(request, contact, version, name, text, anyway=True)
        return _refused(request, contact, text, 422)
    done = _("%(field)s was put back") if changed else _("%(field)s has that value already.")
    undo = _address(contact, before, name) if changed else ""
    return _done(request, contact, done % {"field": label}, undo)


def _source(contact: Contact, version: int) -> dict[str, Any]:
    """Return the uid and the number of the entry that made a version of the contact."""
    events = ActivityEvent.objects.of(contact.pk).filter(
        object_id=contact.pk, payload__row_version=version
    )
    first = events.order_by("id").first()
    return {"entry": str(first.uid), "number": first.id} if first else {}


def _address(contact: Contact, version: int, name: str, **more: Any) -> str:
    """Return what to post to for a value, as the contact is now."""
    query = {"field": name, "seen": contact.version} | more
    return reverse("contact_put_back", args=[contact.pk, version], query=query)


def _done(request: HttpRequest, contact: Contact, text: str, undo: str = "") -> HttpResponse:
    messages.success(request, text, extra_tags=undo)
    address = reverse("contact_history", args=[contact.pk])
    if not request.htmx:
        return SeeOther(address)
    response = HttpResponse(status=204)
    response.headers["HX-Redirect"] = address
    return response


def _refused(request: HttpRequest, contact: Contact, text: str, status: int) -> HttpResponse:
    if request.htmx:
        response = HttpResponse(status=status)
        response.headers["HX-Reswap"] = "none"
        return toast(response, text, kind="bad")
    context = {"contact": contact, "text": text}
    return render(request, "activity/history/refused.html", context, status=status)


def _asked(
    request: HttpRequest,
    contact: Contact,
    version: int,
    name: str,
    text: str,
    **more: Any,
) -> HttpResponse:
    """Ask whether a value is to be put back all the same, with what speaks against it."""
    if request.htmx:
        return _refused(request, contact, text, 409)
    value = getattr(contact.history.get(version=version), name)
    now = getattr(contact, name)
    context = {
        "contact": contact,
        "text": text,
        "label": Contact.recoverable()[name],
        "value": _read(contact, name, value),
        "now": _read(contact, name, now),
        "address": _address(contact, version, name, **dict.fromkeys(more, "on")),
        "others": contact.having(name, set(value) - set(now))[:5] if more else (),
    }
    return render(request, "activity/history/conflict.html", context, status=409)


def _read(contact: Contact, name: str, value: Any) -> str:
    shown = contact.displayed(name, value) or ""
    return ", ".join(shown) if isinstance(shown, list) else shown
