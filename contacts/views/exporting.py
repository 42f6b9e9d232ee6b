"""Contacts as a file, as the list shows them or as they were ticked."""

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import permission_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_POST
from uuid_utils.compat import uuid7

from accounts.sudo import ask, confirmed_lately
from accounts.throttling import EXPORTS, spend
from contacts.exporting import FORMS, Chosen, contacts_exported, in_words
from contacts.filtering import ContactFilter
from contacts.forms.exporting import ExportForm
from contacts.models import Contact


@require_POST
@permission_required("contacts.export_contacts", raise_exception=True)
def export(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """Send the contacts while they are read; without a format ask for one.

    That they left is noted before the first one does.
    """
    form, asked = ExportForm(request.POST), ContactFilter.of(request.POST, ())
    if not form.is_valid():
        text = str(next(iter(form.errors.values()))[0])
        return render(request, "contacts/bulk/refused.html", {"text": text}, status=422)
    ticked = [] if form.cleaned_data["everyone"] else form.cleaned_data["contact"]
    file = FORMS.get(form.cleaned_data["format"])
    if not file:
        return _ask(request, {"filter": asked, "ticked": ticked})
    if not confirmed_lately(request):
        return ask(request, _("Export now"))
    if enough := spend(request, EXPORTS):
        return enough
    contacts = Contact.objects.unmerged().filter(pk__in=ticked) if ticked else asked.contacts()
    chosen = Chosen(asked.order.applied(contacts))
    with override(settings.LANGUAGE_CODE):  # as all that is recorded
        filters = _("selected one by one") if ticked else in_words(asked)
    with transaction.atomic():
        contacts_exported.send(
            sender=Contact, pk=uuid7(), form=file, total=len(chosen), filters=filters
        )
    response = StreamingHttpResponse(file.write(chosen), content_type=file.content_type)
    name = f"contacts-{timezone.localdate()}.{file.extension}"
    response.headers["Content-Disposition"] = content_disposition_header(True, name)
    return response


def _ask(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    template = "contacts/export/_ask.html" if request.htmx else "contacts/export/ask.html"
    return render(request, template, context)
