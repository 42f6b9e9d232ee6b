"""Two contacts become one, and can be parted again: nothing is lost either way."""

import pytest

from activity.ledger.verification.erasures import check_erasures
from activity.models import ActivityEvent
from contacts.models import Contact
from tests.builders import make_comment, make_contact

pytestmark = pytest.mark.django_db


@pytest.fixture
def amara() -> Contact:
    fields = {"emails": ["amara@calderwren.example"], "tags": ["Press"]}
    return make_contact(given_name="Amara", family_name="Okonkwo", **fields)


@pytest.fixture
def double() -> Contact:
    fields = {"emails": ["okonkwo@mail.example"], "job_title": "Head of facilities"}
    return make_contact(given_name="A.", family_name="Okonkwo", **fields)


def test_the_survivor_takes_the_chosen_values_and_shows_both_timelines(amara, double):
    make_comment(double, body="Met at the expo")
    emails = [*amara.emails, *double.emails]
    amara.absorb(double, {"emails": emails, "job_title": double.job_title}, reason="Same person")
    amara, double = (Contact.objects.get(pk=each.pk) for each in (amara, double))
    assert (amara.emails, amara.job_title) == (emails, "Head of facilities")
    assert double.merged_into == amara.pk and double.emails == ["okonkwo@mail.example"]
    verbs = [event.verb for event in ActivityEvent.objects.of(*amara.all_ids)[:10]]
    assert verbs == [
        *("contact.merged", "contact.merged", "comment.added", "contact.created"),
        "contact.created",
    ]


def test_parted_again_both_are_as_they_were(amara, double):
    before = [(each.emails, each.job_title) for each in (amara, double)]
    amara.absorb(double, {"emails": [*amara.emails, *double.emails], "job_title": "Buyer"})
    assert amara.part(double) == []
    amara, double = (Contact.objects.get(pk=each.pk) for each in (amara, double))
    assert [(each.emails, each.job_title) for each in (amara, double)] == before
    assert not double.merged_into and not amara.merged_ids


def test_deleting_the_survivor_erases_what_was_merged_into_it(amara, double):
    amara.absorb(double, {})
    amara.delete(reason="Asked to be forgotten")
    assert not Contact.objects.exists()
    left = ActivityEvent.objects.filter(contact_id=double.pk, payload__isnull=False)
    assert {event.verb for event in left} == {"contact.deleted", "privacy.erased"}


def test_who_was_parted_again_and_then_erased_is_not_named_on_the_other_one(amara, double):
    amara.absorb(double, {"emails": [*amara.emails, *double.emails], "job_title": "Buyer"})
    amara.part(double)
    Contact.objects.get(pk=double.pk).delete(reason="Asked to be forgotten")
    events = ActivityEvent.objects.filter(contact_id=amara.pk)
    said = " ".join(str(event.payload) for event in events)
    assert double.name not in said and "okonkwo@mail.example" not in said
    assert [event.verb for event in events if event.is_erased] == [
        *("contact.unmerged", "contact.merged"),
    ]
    assert not list(check_erasures())
