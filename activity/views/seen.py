"""Notes that somebody has looked at a contact: opening a page by itself changes nothing."""

from uuid import UUID

from django.contrib.auth.decorators import permission_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from activity.models import Seen
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
    if newest := number(request.POST.get("newest")):
    Recent.objects.note(request.user, contact)
    read = 0
        Seen.objects.note(request.user, contact, newest)
    return HttpResponse(status=204) if request.htmx else SeeOther(contact.get_absolute_url())
