"""The list of contacts."""

from django.contrib.auth import get_user_model
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from contacts.filtering import ContactFilter
from contacts.models import Contact, ContactQuerySet, Tag
from contacts.paging import Page

PAGE_SIZE = 50
COUNT_LIMIT = 10_000  # counting on would cost more than the number is worth
MENU_LIMIT = 100  # the search field finds the tags that a menu of this length leaves out


@require_safe
@permission_required("contacts.view_contact", raise_exception=True)
def contacts(request: HttpRequest) -> HttpResponse:
    """Show a page of the contacts that the address asks for."""
    asked = ContactFilter.of(request.GET)
    rows = asked.contacts()
    # What a row of the list doesn't show may be long.
    shown = rows.select_related("owner").defer("search", "notes")
    page = Page.of(shown, asked.order, request.GET.get("cursor", ""), PAGE_SIZE)
    context = {
        "filter": asked,
        "page": page,
        "count": len(page.rows) if page.is_whole else _count(rows),
        "count_limit": COUNT_LIMIT,
        "people": get_user_model().objects.filter(is_active=True).order_by("name", "email"),
        "tags": Tag.objects.values_list("name", flat=True)[:MENU_LIMIT],
    }
    if not page.rows:
        context |= {
            "any_contact": Contact.objects.exists(),
            "archived_count": _count(asked.contacts("archived")),
        }
    return render(request, "contacts/list.html", context)


def _count(rows: ContactQuerySet) -> int:
    return rows.order_by()[: COUNT_LIMIT + 1].count()
