"""Pictures of what happened that stand on other pages, each with an address of its own."""

from uuid import UUID

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from activity.pictures.mail import mail
from activity.pictures.strip import strip
from contacts.models import Contact


@require_safe
@permission_required("contacts.view_contact", raise_exception=True)
def contact_strip(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Answer with the last twelve weeks of a contact; without htmx, on a page of their own."""
    contact = Contact.objects.present(pk)
    template = "_strip.html" if request.htmx else "strip.html"
    context = {"contact": contact, "strip": strip(contact)}
    return render(request, f"activity/pictures/{template}", context)


@require_safe
@permission_required("contacts.view_contact", raise_exception=True)
def mail_health(request: HttpRequest) -> HttpResponse:
    """Answer with what became of the mails of the last days; without htmx, on a page."""
    template = "_mail.html" if request.htmx else "mail.html"
    return render(request, f"activity/pictures/{template}", {"mail": mail()})
