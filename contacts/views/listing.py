"""The list of contacts."""

from hashlib import sha256
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.decorators import permission_required
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.throttling import SEARCHES, spend
from contacts.filtering import ContactFilter
from contacts.models import Contact, ContactQuerySet, Recent, SavedView, Tag
from contacts.paging import NEAR, Page

PAGE_SIZE = 50
COUNT_LIMIT = 10_000  # counting on would cost more than the number is worth
COUNTED_FOR = 60  # seconds for which it is remembered that there are more
FEW = 5_000  # contacts that are found and sorted sooner than others are passed over
UNSEEN = (  # long, or not in a row of the list
    *("search", "notes", "middle_name", "website", "street", "postal_code", "city", "region"),
    *("country", "do_not_contact_at", "do_not_contact_reason", "do_not_contact_source"),
)
RECENT_SHOWN = 5
MENU_LIMIT = 100  # names in a menu; the search field finds the tags beyond


@require_safe
@permission_required("contacts.view_contact", raise_exception=True)
def contacts(request: HttpRequest) -> HttpResponse:
    """Show a page of the contacts that the address asks for."""
    active = get_user_model().objects.filter(is_active=True)
    if request.GET.get("q") and (enough := spend(request, SEARCHES)):
        return enough
    people = active.only("id", "name", "email").order_by("name", "email")[:MENU_LIMIT]
    asked = ContactFilter.of(request.GET, people)
    # How many have a tag also says how to find the first of them.
    counted = count(asked) if asked.tag and not (asked.q or asked.owner) else None
    page = Page.of(
        asked.matches(_drawn, are_few=counted is not None and counted <= FEW),
        asked.order,
        request.GET.get("cursor", ""),
        PAGE_SIZE,
    )
    if page.is_whole:
        counted = len(page.rows)
    elif counted is None:
        counted = count(asked)
    context = {
        "filter": asked,
        "page": page,
        "count": counted,
        "count_limit": COUNT_LIMIT,
        "kept": {name: asked.without(name) for name in ("tag", "owner")},
        "people": people,
        # They stand beside the list, which is all that htmx asks for.
        "recent": [] if request.htmx else Recent.objects.of(request.user)[:RECENT_SHOWN],
        **_saved(request.user, asked),
        "tags": list(Tag.objects.values_list("name", flat=True)[:MENU_LIMIT]),
    }
    if not page.rows:
        context["any_contact"] = Contact.objects.exists()
        if asked.status == "active":
            context["archived_count"] = _capped(
                asked.contacts("archived"), COUNT_LIMIT, asked.without("status") + "archived"
            )
    return render(request, "contacts/list.html", context)


def _saved(user: Any, asked: ContactFilter) -> dict[str, Any]:
    """Return the saved views, and which of them the list is now; the user's own one before others.

    It may be that of nobody.
    """
    views = list(SavedView.objects.for_user(user))
    query = asked.without().removesuffix("&")
    these = sorted((v for v in views if v.query == query), key=lambda v: v.owner_id != user.pk)
    return {"views": views, "view": these[0] if these else None}


def _drawn(rows: ContactQuerySet) -> ContactQuerySet:
    return rows.select_related("owner").defer(*UNSEEN)


def count(asked: ContactFilter) -> int | None:
    """Return how many contacts match, up to one above the limit; None where that takes too long.

    To count the matches of a word that many contacts hold, all of them have to be found; so do
    those of a tag, to know which of them are somebody's.
    """
    if (asked.q or (asked.tag and asked.owner)) and _capped(
        Contact.objects.all(), NEAR, "everybody"
    ) > NEAR:
        return None
    return _capped(asked.contacts(), COUNT_LIMIT, asked.without("sort"))


def _capped(rows: ContactQuerySet, limit: int, name: str) -> int:
    """Return how many rows there are, up to one above the limit.

    That there are more is remembered under the name for a while: many have to go until it is wrong.
    """
    key = sha256(f"more than {limit} {name}".encode()).hexdigest()
    if cache.get(key):
        return limit + 1
    count = rows.order_by()[: limit + 1].count()
    if count > limit:
        cache.set(key, True, COUNTED_FOR)
    return count
