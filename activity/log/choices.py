"""Whom the log can be narrowed to, by what is typed of their names: people, and contacts."""

from collections.abc import Iterable
from typing import Any, NamedTuple
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from activity import asked
from activity.log.filters import LogFilters
from activity.log.paging import NAMES
from activity.log.words import Words
from activity.models import ActivityEvent
from contacts.models import Contact, DeletedContact

MOST = 20  # in a menu


class Choice(NamedTuple):
    """Somebody to choose: the id in the address, the name, and whether it is a contact."""

    pk: UUID
    name: str
    is_contact: bool = False


def people(typed: str = "") -> list[Choice]:
    """Return members of the team, those who can sign in first, and contacts who ever did a thing.

    Contacts come only where something is typed: there may be very many.
    """
    typed = asked.words(typed)
    users = get_user_model().objects
    if not typed:
        team = users.filter(groups__isnull=False).order_by("-is_active", "name")[:MOST]
        return [Choice(user.pk, str(user)) for user in team]
    named = Words.find(typed)
    team = users.filter(pk__in=named.people).order_by("-is_active", "name")[:MOST]
    accounts = users.filter(invitations__contact__in=named.contacts, groups=None).distinct()
    acted = Contact.objects.only(*NAMES).filter(
        Exists(ActivityEvent.objects.filter(actor_id=OuterRef("pk"))), pk__in=named.contacts
    )
    return [
        *(Choice(user.pk, str(user)) for user in team),
        *(Choice(user.pk, str(user), is_contact=True) for user in accounts[:MOST]),
        *(Choice(contact.pk, contact.name, is_contact=True) for contact in acted[:MOST]),
    ]


def contacts(typed: str = "") -> list[Choice]:
    """Return contacts of that name, those last active first; none before anything is typed."""
    typed = asked.words(typed)
    wanted = Words.find(typed).contacts[:MOST] if typed else ()
    found = names_of_contacts(wanted)
    return [Choice(pk, found[pk], is_contact=True) for pk in wanted if pk in found]


def menu(filters: LogFilters, name: str, typed: str) -> dict[str, Any]:
    """Return what a menu offers: `who` for people, `whom` for contacts, as far as it is typed."""
    parameter, find = {"who": ("actor", people), "whom": ("contact", contacts)}[name]
    return {
        "typed": asked.words(typed),
        "parameter": parameter,
        "choices": find(typed),
        "kept": filters.without(parameter),
    }


def name_of(pk: UUID) -> str:
    """Return what an actor or contact is called; empty for one whose name was erased."""
    user: Any = get_user_model().objects.filter(pk=pk).first()
    return str(user or getattr(_contacts([pk]).get(pk), "name", ""))


def names_of_contacts(keys: Iterable[UUID]) -> dict[UUID, str]:
    """Return {id: name} of contacts, without those whose names were erased.

    One that was merged is named with the contact it was merged into.
    """
    found = _contacts(keys)
    into = {pk: each.merged_into for pk, each in found.items() if isinstance(each, Contact)}
    survivors = _contacts(filter(None, into.values())) if any(into.values()) else {}
    names = {pk: each.name for pk, each in found.items()}
    for pk, survivor in into.items():
        if survivor in survivors:
            both = {"name": names[pk], "survivor": survivors[survivor].name}
            names[pk] = _("%(name)s, merged into %(survivor)s") % both
    return names


def _contacts(keys: Iterable[UUID]) -> dict[UUID, Contact | DeletedContact]:
    keys = list(keys)
    gone = DeletedContact.objects.exclude(name="").in_bulk(keys)
    return gone | Contact.objects.only(*NAMES, "merged_into").in_bulk(keys)
