"""Contacts that may be one person are judged by people."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import strip_tags

from contacts import duplicates
from contacts.models import Contact, DuplicatePair
from tests.builders import make_user
from tests.contacts.duplicates.persons import COMPANY, an_hour_passes, found, person

pytestmark = pytest.mark.django_db


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
