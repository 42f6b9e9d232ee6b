"""What a page answers when the contact it is about was deleted, or merged into another one."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from contacts.models import ContactGone, ContactMerged
from contacts.views.answers import refusal
from contacts.views.detail import receipt

TYPED = ("subject", "body", "note", "reason", "notes")  # what nobody wants to write again


class ContactGoneMiddleware:
    """Answers ContactGone and ContactMerged, as a page or where a fragment was asked for.

    A deleted contact is 410 with its receipt. The pages of a merged one lead to those of its
    survivor; what was to be done with it is refused with 409, and what was typed is kept.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer that the contact is gone or merged; leave any other error alone."""
        if isinstance(error, ContactMerged):
            return _merged(request, error)
        if not isinstance(error, ContactGone):
            return None
        if request.htmx:
            return refusal(_("This contact was deleted."), 410)
        return receipt(request, error.receipt)


def _merged(request: HttpRequest, error: ContactMerged) -> HttpResponse:
    contact, survivor = error.contact, error.contact.survivor
    text = _("%(name)s was merged into %(survivor)s.") % {"name": contact, "survivor": survivor}
    if request.method in {"GET", "HEAD"}:
        if not request.htmx:
            messages.info(request, text)
        here = request.resolver_match
        address = reverse(here.view_name, kwargs=here.kwargs | {"pk": survivor.pk})
        query = request.GET.urlencode()
        return redirect(f"{address}?{query}" if query else address)
    if request.htmx:
        said = _("Nothing was done with it. Open %(survivor)s instead.") % {"survivor": survivor}
        return refusal(f"{text} {said}", 409)
    typed = [text for name in TYPED if (text := request.POST.get(name, "").strip())]
    context = {"contact": contact, "survivor": survivor, "text": text, "typed": typed}
    return render(request, "contacts/merge/meanwhile.html", context, status=409)
