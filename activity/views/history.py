"""A contact's History tab: the complete record, and the contact at any moment of it."""

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_GET
from uuid_utils.compat import uuid7

from activity import people
from activity.catalogue import OF_CONTACTS
from activity.history import moment, record
from activity.history.filters import RecordFilters
from activity.templatetags.activity import number
from contacts.models import Contact, ContactGone, DeletedContact


@require_GET
@permission_required("contacts.view_contact", raise_exception=True)
def history(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show the complete record, as filtered; with `?at=` the contact as it was at that moment."""
    try:
        return _page(request, Contact.objects.select_related("owner").present(pk))
    except ContactGone as gone:
        return _gone(request, gone.receipt)


def _page(request: HttpRequest, contact: Contact) -> HttpResponse:
    typed = request.GET.get("at", "").strip()
    then = moment.at(contact, typed) if typed else None
    filters = RecordFilters.asked(request.GET, request.user)
    page = record.read(contact, filters, number(request.GET.get("before")))
    query = _query(request)
    context = {
        "contact": contact,
        "timeline": page,
        "then": then,
        "kinds": OF_CONTACTS,
        "people": people.offered(),
        "query": query.urlencode(),
        "older": "&".join(filter(None, (query.urlencode(), f"before={page.oldest}"))),
        "handover_id": uuid7(),
        # The form that buttons to put a value back send; without it there are none.
        "form_id": "put-back" if _may_change(request.user, contact) else "",
    }
    status = 422 if then and then.when is None else 200
    response = render(request, "activity/history/page.html", context, status=status)
    if request.htmx and page.before is None:
        response.headers["HX-Replace-Url"] = f"{request.path}?{query.urlencode()}".rstrip("?")
    return response


def _query(request: HttpRequest) -> QueryDict:
    """Return the filters of the page's address, without what is empty and without its place."""
    query = request.GET.copy()
    for name in {name for name, values in query.lists() if not any(values)} | {"at", "before"}:
        query.pop(name, None)
    return query


def _may_change(viewer: Any, contact: Contact) -> bool:
    return viewer.has_perm("contacts.change_contact") and not contact.is_archived


def _gone(request: HttpRequest, deleted: DeletedContact) -> HttpResponse:
    when = moment.read(request.GET.get("at", ""))
    context = {"deleted": deleted, "when": when}
    return render(request, "activity/history/gone.html", context, status=410)
