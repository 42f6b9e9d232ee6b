"""Two contacts side by side: each value is chosen, then one of them lives on in the other."""

import re

import pytest
from django.urls import reverse

from activity.models import ActivityEvent
from contacts.models import Contact
from tests.builders import make_contact
from tests.contacts.merge_pages.merging import address, fresh, merge, sent, text

pytestmark = pytest.mark.django_db


def test_both_values_are_shown_and_the_fuller_ones_offered(client, amara, double):
    page = client.get(address(amara, double)).content.decode()
    assert "Merge A. Okonkwo into Amara Okonkwo" in page
    assert re.search(r'name="take_given_name" value="this" checked', page)
    assert re.search(r'name="take_job_title" value="other" checked', page)
    assert re.search(r'name="take_notes" value="both" checked', page)
    assert page.count('name="keep_emails"') == 2


def test_what_was_offered_is_what_a_bare_form_takes(client, amara, double):
    answer = merge(client, amara, double, reason="Same person")
    assert (answer.status_code, answer.url) == (303, amara.get_absolute_url())
    amara, double = fresh(amara, double)
    assert amara.given_name == "Amara"
    assert amara.emails == ["amara@calderwren.example", "okonkwo@mail.example"]
    assert (amara.job_title, amara.notes) == ("Buyer", "Likes tea\n\nMet at the expo")
    assert (double.merged_into, double.notes) == (amara.pk, "Met at the expo")


def test_each_value_is_chosen(client, amara, double):
    choice = {"take_given_name": "other", "take_notes": "this", "listed_emails": "yes"}
    merge(client, amara, double, keep_emails="okonkwo@mail.example", listed_tags="yes", **choice)
    [amara] = fresh(amara)
    assert (amara.given_name, amara.notes) == ("A.", "Likes tea")
    assert (amara.emails, amara.tags) == (["okonkwo@mail.example"], [])


def test_nothing_that_neither_of_them_holds_can_be_smuggled_in(client, amara, double):
    choice = {"keep_emails": ["eve@evil.example"], "take_given_name": "Eve", "listed_emails": "1"}
    merge(client, amara, double, **choice)
    [amara] = fresh(amara)
    assert (amara.given_name, amara.emails) == ("Amara", [])


def test_sent_twice_it_is_one_merge(client, amara, double):
    form = sent(amara, double)
    answers = [client.post(address(amara, double), form) for _time in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert ActivityEvent.objects.filter(verb="contact.merged").count() == 2  # one on each side


def test_a_change_in_between_is_shown_before_anything_is_merged(client, amara, double):
    form = sent(amara, double, take_notes="other")
    amara.city = "Leeds"
    amara.save()
    answer = client.post(address(amara, double), form)
    assert answer.status_code == 409
    assert "changed in the meantime" in text(answer)
    assert re.search(r'name="take_notes" value="other" checked', answer.content.decode())
    assert fresh(double)[0].merged_into is None
    again = {name: re.search(rf'name="{name}" value="(\d+)"', answer.content.decode())[1]
             for name in ("version", "other_version")}  # fmt: skip
    assert client.post(address(amara, double), form | again).status_code == 303
    assert (fresh(amara)[0].city, fresh(amara)[0].notes) == ("Leeds", "Met at the expo")


def test_the_other_one_is_found_by_likeness_or_by_words(client, amara, double):
    path = reverse("contact_merge_with", args=[amara.pk])
    assert "No other contact has the same name" in text(client.get(path))
    assert "A. Okonkwo" in text(client.get(path, {"q": "okonkwo"}))
    make_contact(given_name="Amara", family_name="Okonkwo", emails=["amara@calderwren.example"])
    assert address(amara, Contact.objects.latest("created_at")) in client.get(path).content.decode()
