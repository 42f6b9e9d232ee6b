"""The previous and the next contact of the list that somebody came from."""

from uuid import UUID

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from contacts.filtering import ContactFilter
from contacts.models import Contact
from contacts.switching import Neighbours, list_of
from contacts.views.listing import count


@require_safe
@permission_required("contacts.view_contact", raise_exception=True)
def neighbours(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Answer with the links to the neighbours.

    Without htmx, lead to the one that `go` names, "previous" or "next"; after the last one, back to
    the list.
    """
    contact = Contact.objects.present(pk)
    asked = ContactFilter.of(QueryDict(list_of(request) or ""), ())
    query = asked.without().removesuffix("&")
    found = Neighbours.of(contact, asked, None if asked.q else count(asked))
    if request.htmx:
        context = {"contact": contact, "found": found, "query": query}
        return render(request, "contacts/_switch.html", context)
    there = {"previous": found.previous, "next": found.next}.get(request.GET.get("go", ""))
    if there is None:
        return redirect(f"{reverse('contacts')}?{query}")
    return redirect(f"{there.get_absolute_url()}?{urlencode({'list': query})}")
