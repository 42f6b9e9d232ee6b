"""Contacts that may be one person are found by a worker."""

from datetime import timedelta

import pytest
from django.utils import timezone

from contacts import duplicates
from contacts.likeness import is_misspelt
from contacts.models import Contact
from tests.builders import make_contact
from tests.contacts.duplicates.persons import COMPANY, an_hour_passes, found, person

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("one", "two", "reason"),
    [
        ({"emails": ["a@mail.example", "b@mail.example"]}, {"emails": ["b@mail.example"]}, "email"),
        ({"phones": ["+442079460018"]}, {"phones": ["+442079460018"]}, "phone"),
        ({"given_name": "Zoë", "family_name": "Ødegård"},
         {"given_name": "ZOE", "family_name": "Ødegård"}, "name"),
        ({"given_name": "Amara", "family_name": "Okonkwo"},
         {"given_name": "Okonkwo", "family_name": "Amara"}, "swapped"),
        ({"given_name": "Amara", "family_name": "Okonkwo", "organisation": COMPANY},
         {"given_name": "Amara", "family_name": "Okonkwo", "organisation": COMPANY}, "full"),
        ({"given_name": "Amara", "family_name": "Okonkwo", "organisation": COMPANY},
         {"given_name": "A.", "family_name": "Okonkwo", "organisation": COMPANY}, "initial"),
        ({"given_name": "A", "family_name": "Okonkwo", "organisation": COMPANY},
         {"given_name": "Amara", "family_name": "Okonkwo", "organisation": COMPANY}, "initial"),
        ({"given_name": "Amara", "family_name": "Okonkwo", "organisation": COMPANY},
         {"given_name": "Amara", "family_name": "Okonkow", "organisation": COMPANY}, "typo"),
    ],
)  # fmt: skip
def test_two_that_are_alike_are_found(one, two, reason):
    make_contact(**one)
    duplicates.sweep()
    make_contact(**two)
    for stranger in ("Otto", "Berta", "Carla"):
        person(stranger, "Elsewhere", emails=[f"{stranger}@mail.example".lower()])
    [reasons] = found().values()
    assert reasons[0] == reason


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ({"given_name": "Amara", "family_name": "Okonkwo", "organisation": "Calder"},
         {"given_name": "A.", "family_name": "Okonkwo", "organisation": "Wren"}),
        ({"given_name": "Amara", "family_name": "Okonkwo"},
         {"given_name": "Amara", "family_name": "Okonkow"}),
        ({"given_name": "Amara", "family_name": "Okonkwo", "organisation": COMPANY},
         {"given_name": "Ben", "family_name": "Okonkwo", "organisation": COMPANY}),
    ],
)  # fmt: skip
def test_what_may_well_be_chance_is_not(one, two):
    make_contact(**one)
    make_contact(**two)
    assert found() == {}


def test_a_common_name_says_nothing_and_an_office_address_neither():
    for number in range(8):
        company = COMPANY if number < 2 else f"Firm {number}"
        person("Anna", "Smith", organisation=company, emails=["info@mail.example"])
    [reasons] = found().values()
    assert reasons == ["email", "full"]


def test_several_reasons_count_for_more():
    for _number in range(2):
        person("Amara", "Okonkwo", phones=["+442079460018"])
        person("Ben", "Mwangi")
    assert list(found().values()) == [["phone", "name"], ["name"]]


def test_a_contact_that_changes_is_looked_at_again():
    one, two = person("Amara", "Okonkwo"), person("Ben", "Mwangi")
    assert found() == {}
    an_hour_passes()
    two.phones = one.phones = ["+442079460018"]
    one.save()
    two.save()
    assert len(found()) == 1
    an_hour_passes()
    two.phones = []
    two.save()
    assert found() == {}


def test_a_sweep_looks_at_each_contact_once(monkeypatch):
    monkeypatch.setattr(duplicates, "BATCH", 3)
    for number in range(7):
        person("Amara", f"Okonkwo {number}")
    assert duplicates.sweep() == 7
    assert duplicates.sweep() == 0


def test_what_is_being_written_is_left_for_later(monkeypatch):
    monkeypatch.setattr(duplicates, "SETTLED", timedelta(minutes=1))
    person("Amara", "Okonkwo")
    assert duplicates.sweep() == 0
    Contact.objects.update(last_activity_at=timezone.now() - timedelta(minutes=2))
    assert duplicates.sweep() == 1


@pytest.mark.parametrize(
    ("one", "two", "is_alike"),
    [
        ("amara okonkwo", "amara okonkow", True),
        ("amara okonkwo", "amra okonkow", True),
        ("amara okonkwo", "amra okonko", True),
        ("amara okonkwo", "amr okonkow", False),
        ("amara okonkwo", "amara okonkwo", False),
        ("jo ng", "jo nh", True),
        ("jo n", "jo h", False),
    ],
)
def test_a_misspelt_name_differs_in_a_letter_or_two(one, two, is_alike):
    assert is_misspelt(one, two) == is_alike
