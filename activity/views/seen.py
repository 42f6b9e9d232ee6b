"""Notes that somebody has looked at a contact: opening a page by itself changes nothing."""

from uuid import UUID

from django.contrib.auth.decorators import permission_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST
from django_htmx.http import trigger_client_event

from activity.models import Notification, Seen
from activity.templatetags.activity import number
from contacts.models import Contact, Recent
from contacts.views.answers import SeeOther


@require_POST
@permission_required("contacts.view_contact", raise_exception=True)
@transaction.atomic
def seen(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Note what the page showed once it was looked at for two seconds, or by its button.

    `newest` is the newest event that the page showed; a page that shows only part of the timeline
    names none. `linked` is the event that a link led to, if any.
    """
    contact = Contact.objects.present(pk)
    Recent.objects.note(request.user, contact)
    read = 0
    if newest := number(request.POST.get("newest")):
        Seen.objects.note(request.user, contact, newest)
        read = Notification.objects.read_up_to(request.user, contact, newest)
    elif linked := number(request.POST.get("linked")):
        read = Notification.objects.read_one(request.user, contact, linked)
    if not request.htmx:
        return SeeOther(contact.get_absolute_url())
    response = HttpResponse(status=204)
    return trigger_client_event(response, "inbox", {}) if read else response
