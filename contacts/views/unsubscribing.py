"""The page behind the link in each mail by which its recipient says: no more."""

from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from contacts.models import Contact
from contacts.throttling import asks_too_often
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
        return kept_private(render(request, "429.html", status=429))
    key = contact_to_stop(token)
    with transaction.atomic():
        is_asked = request.method == "POST"
        rows = Contact.objects.select_for_update() if is_asked else Contact.objects
        contact = rows.filter(pk=key).first() if key else None
        if contact and is_asked:
            contact.opt_out(source=Contact.Source.RECIPIENT, by=contact)
    context = {"contact": contact, "is_done": bool(contact and contact.do_not_contact_at)}
    page = render(request, "portal/unsubscribe.html", context, status=200 if contact else 404)
    return kept_private(page)
