"""Merges that are refused, and to whom."""

import pytest
from django.urls import reverse

from activity.models import ActivityEvent
from tests.builders import make_contact, make_user
from tests.contacts.merge_pages.merging import address, fresh, merge, sent, text, unmerge

pytestmark = pytest.mark.django_db


def test_a_contact_is_never_merged_with_itself(client, amara):
    for answer in (client.get(address(amara, amara)), merge(client, amara, amara)):
        assert answer.status_code == 422
        assert "one and the same contact" in text(answer)


def test_never_with_one_that_was_merged(client, amara, double):
    third = make_contact(given_name="Third")
    merge(client, amara, double)
    for pair in [(third, double), (double, third)]:
        answer = merge(client, *fresh(*pair))
        assert answer.status_code == 409
        assert "A. Okonkwo was merged into Amara Okonkwo already." in text(answer)


def test_never_with_one_that_was_deleted(client, amara, double):
    form = sent(amara, double)
    double.delete()
    assert client.post(address(amara, double), form).status_code == 410
    assert client.get(address(amara, double)).status_code == 410


def test_an_archived_one_can_go_but_not_stay(client, amara, double):
    double.archive()
    assert merge(client, *fresh(double, amara)).status_code == 409
    assert merge(client, *fresh(amara, double)).status_code == 303


def test_a_value_that_no_contact_can_have_is_refused_with_the_form(client):
    one, two = make_contact(emails=["a@mail.example"]), make_contact(emails=["b@mail.example"])
    answer = merge(client, one, two, listed_emails="yes")
    assert answer.status_code == 422
    assert "Give a name, a company, an email or a phone number" in text(answer)
    assert fresh(two)[0].merged_into is None


def test_notes_that_are_too_long_for_one_contact_are_not_offered_together(client):
    one, two = (make_contact(given_name=name, notes=name * 6_000) for name in "AB")
    assert 'value="both"' not in client.get(address(one, two)).content.decode()
    merge(client, one, two, take_notes="both")
    assert fresh(one)[0].notes in {one.notes, two.notes}


def test_more_tags_than_a_contact_can_have_are_refused_with_the_form(client):
    one, two = (make_contact(tags=[f"{way} {n}" for n in range(12)]) for way in ("to", "fro"))
    answer = merge(client, one, two)
    assert answer.status_code == 422
    assert "A contact has at most 20 tags, these are 24." in text(answer)
    assert fresh(two)[0].merged_into is None
    few = {"listed_tags": "yes", "keep_tags": [*one.tags, *two.tags[:8]]}
    assert merge(client, one, two, **few).status_code == 303


def test_a_form_that_does_not_say_what_it_saw_is_shown_again(client, amara, double):
    answer = client.post(address(amara, double), {})
    assert answer.status_code == 409
    assert "changed in the meantime" in text(answer)


def test_a_get_changes_nothing(client, amara, double):
    before = ActivityEvent.objects.count()
    client.get(address(amara, double))
    merge(client, amara, double)
    client.get(reverse("contact_unmerge", args=[double.pk]))
    assert ActivityEvent.objects.count() == before + 2


@pytest.mark.parametrize("name", ["Mia", "Vic"])
def test_only_managers_merge(client, amara, double, name):
    client.force_login(make_user(name=name))
    answers = [
        client.get(address(amara, double)),
        merge(client, amara, double),
        client.get(reverse("contact_merge_with", args=[amara.pk])),
        unmerge(client, double),
    ]
    assert [answer.status_code for answer in answers] == [403] * 4
    assert "Merge…" not in text(client.get(amara.get_absolute_url()))


def test_a_name_is_text_and_never_markup(client, amara):
    evil = make_contact(given_name="<script>alert(1)</script>", emails=["<b>@mail.example"])
    pages = [client.get(address(amara, evil)), client.get(address(evil, amara))]
    merge(client, amara, evil)
    pages += [client.get(amara.get_absolute_url())]
    pages += [client.get(reverse("contact_unmerge", args=[evil.pk]))]
    pages += [client.get(reverse("contact_history", args=[amara.pk]))]
    assert all("<script>alert" not in page.content.decode() for page in pages)
