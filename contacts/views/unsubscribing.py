"""The page behind the link in each mail by which its recipient says: no more."""

from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from accounts.throttling import asks_too_often, too_many_tries
from contacts.models import Contact, ContactGone
from contacts.unsubscribing import contact_to_stop
from contacts.views.personal import kept_private

ASKED_A_MINUTE = 30  # by one client address


@login_not_required
@csrf_exempt  # mail programs post here by themselves (RFC 8058); the link is signed
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Say what would stop, changing nothing; on POST stop it.

    A link that was never ours and one of a contact that is gone are answered alike.
    """
    if asks_too_often(request, "unsubscribe", times=ASKED_A_MINUTE, seconds=60):
        return kept_private(too_many_tries(request))
    key = contact_to_stop(token)
    with transaction.atomic():
        contact = _found(key, lock=request.method == "POST") if key else None
        if contact and request.method == "POST":
            contact.opt_out(source=Contact.Source.RECIPIENT, by=contact)
        is_done = bool(contact and contact.survivor.do_not_contact_at)
    context = {"contact": contact, "is_done": is_done}
    page = render(request, "portal/unsubscribe.html", context, status=200 if contact else 404)
    return kept_private(page)


def _found(key: UUID, *, lock: bool) -> Contact | None:
    if not lock:
        return Contact.objects.filter(pk=key).first()
    try:
        return Contact.objects.locked_with_survivor(key)
    except (ContactGone, Http404):
        return None
