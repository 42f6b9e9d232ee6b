"""Contacts that may be one person, and how a worker finds them."""

from datetime import timedelta

from django.db.models import F

from contacts import duplicates
from contacts.models import Contact, DuplicatePair, DuplicateSearch
from tests.builders import make_contact

COMPANY = "Calder & Wren"


def person(given: str, family: str = "", **fields) -> Contact:
    return make_contact(given_name=given, family_name=family, **fields)


def found() -> dict[frozenset[str], list[str]]:
    duplicates.sweep()
    return {
        frozenset({str(p.first), str(p.second)}): p.reasons for p in DuplicatePair.objects.open()
    }


def an_hour_passes() -> None:
    hour = timedelta(hours=1)
    Contact.objects.update(last_activity_at=F("last_activity_at") - hour)
    DuplicateSearch.objects.update(looked_at=F("looked_at") - hour)
