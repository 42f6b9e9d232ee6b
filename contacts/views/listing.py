"""The list of contacts."""

from django.contrib.auth import get_user_model
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from contacts.filtering import ContactFilter
from contacts.models import Contact, ContactQuerySet, Tag
from contacts.paging import NEAR, Matches, Page

PAGE_SIZE = 50
COUNT_LIMIT = 10_000  # counting on would cost more than the number is worth
UNSEEN = ("search", "notes")  # long, and not in a row of the list
MENU_LIMIT = 100  # names in a menu; the search field finds the tags beyond


@require_safe
@permission_required("contacts.view_contact", raise_exception=True)
def contacts(request: HttpRequest) -> HttpResponse:
    """Show a page of the contacts that the address asks for."""
    active = get_user_model().objects.filter(is_active=True)
    people = active.order_by("name", "email")[:MENU_LIMIT]
    asked = ContactFilter.of(request.GET, people)
    matches = Matches(
        asked.contacts().select_related("owner").defer(*UNSEEN),
        asked.contacts(indexed=False).select_related("owner").defer(*UNSEEN) if asked.q else None,
    )
    page = Page.of(matches, asked.order, request.GET.get("cursor", ""), PAGE_SIZE)
    context = {
        "filter": asked,
        "page": page,
        "count": len(page.rows) if page.is_whole else _count(asked),
        "count_limit": COUNT_LIMIT,
        "people": people,
        "tags": Tag.objects.values_list("name", flat=True)[:MENU_LIMIT],
    }
    if not page.rows:
        context["any_contact"] = Contact.objects.exists()
        if asked.status == "active":
            context["archived_count"] = _capped(asked.contacts("archived"), COUNT_LIMIT)
    return render(request, "contacts/list.html", context)


def _count(asked: ContactFilter) -> int | None:
    """Return how many contacts match, up to one above the limit; None where that takes too long.

    To count the matches of a word that many contacts hold, all of them have to be found.
    """
    if asked.q and _capped(Contact.objects.all(), NEAR) > NEAR:
        return None
    return _capped(asked.contacts(), COUNT_LIMIT)


def _capped(rows: ContactQuerySet, limit: int) -> int:
    return rows.order_by()[: limit + 1].count()
