"""What is saved together is written at once, and recorded as if each had been saved by itself."""

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from activity.models import ActivityEvent
from contacts.models import Contact, StaleRow
from contacts.models.together import together
from tests.builders import make_contact

pytestmark = pytest.mark.django_db(transaction=True)


def people(count: int) -> list[Contact]:
    contacts = [Contact(given_name=f"P{n}", city="Bern") for n in range(count)]
    return Contact.objects.bulk_create(contacts)


def cities() -> list[str]:
    return list(Contact.objects.order_by("pk").values_list("city", flat=True))


@transaction.atomic
def move(contacts: list[Contact]) -> None:
    with together(Contact):
        for contact in contacts:
            contact.city = f"{contact.given_name} town"
            contact.save()


def test_any_number_of_saves_costs_the_same_few_queries() -> None:
    spent = []
    for count in (2, 30):
        contacts = people(count)
        with CaptureQueriesContext(connection) as queries:
            move(contacts)
        spent.append(len(queries))
    assert spent[0] == spent[1] <= 6


def test_each_row_has_its_event_and_its_version() -> None:
    contacts = people(3)
    move(contacts)
    assert cities() == ["P0 town", "P1 town", "P2 town"]
    for contact in contacts:
        event = ActivityEvent.objects.get(verb="contact.updated", object_id=contact.pk)
        [change] = event.payload["changes"]
        assert (change["old"], change["new"]) == ("Bern", contact.city)
        assert event.payload["row_version"] == contact.version == 2
        assert contact.history.get(version=2).city == contact.city
        assert Contact.objects.get(pk=contact.pk).version == 2


def test_a_row_that_is_saved_twice_keeps_both_changes() -> None:
    contact = make_contact(city="Bern")
    with transaction.atomic(), together(Contact):
        contact.city = "Basel"
        contact.save()
        contact.archive(reason="Moved")
    stored = Contact.objects.get(pk=contact.pk)
    assert (stored.city, stored.is_archived, stored.version) == ("Basel", True, 3)
    assert contact.history.count() == 3


def test_what_changes_nothing_leaves_no_entry() -> None:
    contact = make_contact()
    with transaction.atomic(), together(Contact):
        contact.save()
    assert ActivityEvent.objects.get(object_id=contact.pk).verb == "contact.created"


def test_a_row_that_somebody_else_changed_stops_them_all() -> None:
    first, second = people(2)
    theirs = Contact.objects.get(pk=second.pk)
    theirs.city = "Chur"
    theirs.save()
    with pytest.raises(StaleRow):
        move([first, second])
    assert cities() == ["Bern", "Chur"]
