"""Contacts that may be one person are found by a worker, and judged by people."""

from datetime import timedelta

import pytest
from django.db.models import F
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags

from contacts import duplicates
from contacts.likeness import is_misspelt
from contacts.models import Contact, DuplicatePair, DuplicateSearch
from tests.builders import make_contact, make_user

pytestmark = pytest.mark.django_db
COMPANY = "Calder & Wren"


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duplicates, "SETTLED", timedelta(minutes=-1))


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


@pytest.fixture
def pair() -> DuplicatePair:
    person("Amara", "Okonkwo", phones=["+442079460018"])
    person("A.", "Okonkwo", phones=["+442079460018"], organisation=COMPANY, city="Leeds")
    duplicates.sweep()
    return DuplicatePair.objects.get()


@pytest.fixture
def max(client: Client):
    max = make_user(name="Max")
    client.force_login(max)
    return max


def text(answer) -> str:
    return " ".join(strip_tags(answer.content.decode()).split())


def test_the_page_leads_to_both_side_by_side_the_fuller_one_first(client, max, pair):
    page = client.get(reverse("contact_duplicates")).content.decode()
    assert "Same phone number" in page
    assert pair.survivor.city == "Leeds"
    assert reverse("contact_merge", args=[pair.survivor.pk, pair.twin.pk]) in page


def test_two_persons_are_not_suggested_again_until_that_is_taken_back(client, max, pair):
    client.post(reverse("duplicate_dismiss", args=[pair.pk]))
    an_hour_passes()
    pair.first.refresh_from_db()
    pair.first.city = "York"
    pair.first.save()
    assert found() == {}
    page = client.get(reverse("contact_duplicates"), {"dismissed": "yes"})
    assert "Max" in text(page)
    client.post(reverse("duplicate_suggest", args=[pair.pk]))
    assert len(found()) == 1


def test_the_contacts_page_says_so_to_those_who_may_merge(client, max, pair):
    said = "Possible duplicate"
    assert said in text(client.get(pair.first.get_absolute_url()))
    assert said in text(client.get(pair.second.get_absolute_url()))
    client.force_login(make_user(name="Mia"))
    assert said not in text(client.get(pair.first.get_absolute_url()))


@pytest.mark.parametrize("name", ["Mia", "Vic"])
def test_only_those_who_may_merge_judge(client, pair, name):
    client.force_login(make_user(name=name))
    answers = [client.get(reverse("contact_duplicates"))]
    for action in ("dismiss", "suggest"):
        answers.append(client.post(reverse(f"duplicate_{action}", args=[pair.pk])))
    assert [answer.status_code for answer in answers] == [403] * 3


def test_a_pair_is_gone_once_it_was_merged_and_back_when_that_was_undone(client, max, pair):
    survivor, twin = pair.survivor, pair.twin
    survivor.absorb(twin, {})
    assert found() == {}
    survivor.part(Contact.objects.get(pk=twin.pk))
    assert len(found()) == 1


def test_a_pair_goes_with_its_contact(pair):
    pair.first.delete()
    assert not DuplicatePair.objects.exists()


def two_of_each(count: int) -> None:
    for number in range(count):
        for _time in range(2):
            person("Amara", f"Okonkwo {number}", notes="Met at the expo")
    duplicates.sweep()


@pytest.mark.parametrize("dismissed", [{}, {"dismissed": "yes"}], ids=["open", "dismissed"])
def test_pages_of_many_follow_each_other(client, max, monkeypatch, dismissed):
    monkeypatch.setattr("contacts.views.duplicates.PAGE_SIZE", 2)
    two_of_each(5)
    if dismissed:
        for pair in DuplicatePair.objects.open():
            pair.dismiss(max)
    address, seen, cursor = reverse("contact_duplicates"), [], ""
    while page := client.get(address, dismissed | {"cursor": cursor}).context["page"]:
        seen += page.rows
        if not (cursor := page.next):
            break
    assert len({pair.pk for pair in seen}) == len(seen) == 5
    back = client.get(address, dismissed | {"cursor": page.previous}).context["page"]
    assert back.rows == seen[2:4]
    assert client.get(address, {"cursor": "x"}).status_code == 200


def test_a_page_takes_as_many_queries_for_one_pair_as_for_many(
    client, max, django_assert_num_queries
):
    client.get(reverse("contact_duplicates"))
    for count in (1, 5):
        two_of_each(count)
        with django_assert_num_queries(3):  # the session, the person, the pairs
            client.get(reverse("contact_duplicates"))
