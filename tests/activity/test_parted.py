"""Who was merged, parted again and erased: nothing of it stays with whom it was merged into."""

from typing import Any

import pytest
from django.db import connection

from activity.ledger.verification.drift import check_drift
from activity.ledger.verification.erasures import check_erasures
from activity.models import ActivityEvent
from activity.templatetags.activity import erased_things
from contacts.models import Contact
from tests.builders import make_contact

pytestmark = pytest.mark.django_db
WORD = "quillfeather"
THEIRS: dict[str, Any] = {
    "given_name": "Zephyr",
    "family_name": WORD.capitalize(),
    "emails": [f"z@{WORD}.example"],
    "tags": [f"{WORD} family"],
    "job_title": f"{WORD} maker",
    "notes": f"Met {WORD} at the fair",
}


@pytest.fixture
def amara() -> Contact:
    fields = {"emails": ["amara@calderwren.example"], "tags": ["Press"], "notes": "Likes tea"}
    return make_contact(given_name="Amara", family_name="Okonkwo", **fields)


@pytest.fixture
def double() -> Contact:
    return make_contact(**THEIRS)


def again(contact: Contact) -> Contact:
    return Contact.objects.get(pk=contact.pk)


def change(contact: Contact, **values: Any) -> None:
    contact = again(contact)
    for name, value in values.items():
        setattr(contact, name, value)
    contact.save()


def merge(survivor: Contact, other: Contact) -> None:
    """Merge so that all lists hold both, and each text is the other's or both."""
    survivor, other = again(survivor), again(other)
    values = {name: getattr(other, name) for name in ("given_name", "family_name", "job_title")}
    values |= {
        name: [*getattr(survivor, name), *getattr(other, name)] for name in ("emails", "tags")
    }
    survivor.absorb(other, values | {"notes": f"{survivor.notes}\n\n{other.notes}"})


def part(survivor: Contact, other: Contact) -> None:
    again(survivor).part(again(other))


def told(contact: Contact) -> str:
    """Return all that the log and the versions say of a contact, as text."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT string_agg(lower(row::text), ' ') FROM ("
            " SELECT to_jsonb(e) FROM activity_event AS e WHERE contact_id = %(id)s UNION ALL"
            " SELECT to_jsonb(v) FROM contacts_historicalcontact AS v WHERE id = %(id)s"
            ") AS found (row)",
            {"id": contact.pk},
        )
        return cursor.fetchone()[0]


def is_sound() -> bool:
    return not [*check_drift(), *check_erasures()]


def test_nothing_that_it_lent_is_left_in_versions_or_events(amara, double):
    change(amara, city="Lagos")
    merge(amara, double)
    change(amara, city="Porto")
    change(amara, emails=[*again(amara).emails, "amara@new.example"])
    change(amara, notes=f"{again(amara).notes}\nCalled back", phones=["+442079460917"])
    part(amara, double)
    change(amara, job_title="Buyer", notes="Likes tea")
    versions, now = amara.history.count(), again(amara).loaded
    assert WORD in told(amara)
    again(double).delete()
    assert WORD not in told(amara) and "zephyr" not in told(amara)
    assert amara.history.count() == versions and again(amara).loaded == now
    assert is_sound()


def test_what_is_the_survivors_own_stays(amara, double):
    change(amara, city="Lagos")
    merge(amara, double)
    change(amara, city="Porto")
    change(amara, emails=[*again(amara).emails, "amara@new.example"])
    part(amara, double)
    again(double).delete()
    rows = amara.history.order_by("version")
    assert [row.city for row in rows] == ["", "Lagos", "Lagos", "Porto", "Porto", "Porto"]
    own = "amara@calderwren.example"
    assert [row.emails for row in rows] == [*[[own]] * 4, *[[own, "amara@new.example"]] * 2]
    assert {row.instance.name for row in rows} == {"Amara Okonkwo"}
    assert [row.history_change_reason for row in rows] == [
        *("contact.created", "contact.updated", "contact.merged"),
        *("contact.updated", "contact.updated", "contact.unmerged"),
    ]


def test_an_event_that_tells_nothing_of_it_keeps_what_it_says(amara, double):
    survivor, other = again(amara), again(double)
    survivor.absorb(other, {"emails": [*survivor.emails, *other.emails]})
    change(amara, city="Porto")
    part(amara, double)
    again(double).delete()
    events = ActivityEvent.objects.filter(contact_id=amara.pk).order_by("id")
    assert [event.verb for event in events if event.is_erased] == [
        *("contact.merged", "contact.unmerged"),
    ]
    assert "porto" in told(amara)


def test_nor_where_its_survivor_had_been_merged_on(amara, double):
    zoe = make_contact(given_name="Zoe", emails=["zoe@one.example"], notes="Plays chess")
    merge(amara, double)
    merge(zoe, amara)
    part(zoe, amara)
    part(amara, double)
    assert WORD in told(zoe)
    again(double).delete()
    assert WORD not in told(zoe) + told(amara)
    assert "amara@calderwren.example" in told(zoe)
    assert is_sound()


def test_nor_where_it_was_merged_twice(amara, double):
    for _round in range(2):
        merge(amara, double)
        part(amara, double)
    again(double).delete()
    assert WORD not in told(amara)
    assert is_sound()


def test_who_was_merged_into_it_and_parted_no_longer_names_it(amara, double):
    merge(double, amara)
    part(double, amara)
    again(double).delete()
    assert WORD not in told(amara)
    assert is_sound()


def test_undoing_another_merge_does_not_bring_it_back(amara, double):
    zoe = make_contact(given_name="Zoe", job_title="Painter")
    merge(amara, double)
    again(amara).absorb(again(zoe), {"job_title": "Painter"})
    part(amara, double)
    again(double).delete()
    part(amara, zoe)
    assert again(amara).job_title == ""
    assert is_sound()


def test_it_goes_with_its_survivor_at_once(amara, double):
    merge(amara, double)
    again(amara).delete()
    for contact in (amara, double):
        verbs = ActivityEvent.objects.filter(contact_id=contact.pk, payload__isnull=False)
        assert sorted(verbs.values_list("verb", flat=True)) == ["contact.deleted", "privacy.erased"]


def test_the_receipt_counts_what_went_with_the_contact_itself(amara, double):
    merge(amara, double)
    part(amara, double)
    again(double).delete()
    again(amara).delete()
    receipt = ActivityEvent.objects.get(object_id=amara.pk, verb="contact.deleted")
    erased = ActivityEvent.objects.filter(contact_id=amara.pk, payload__isnull=True)
    own = erased.exclude(erased_by=erased.order_by("erased_by")[0].erased_by)
    assert ("Log contents", own.count()) in erased_things(receipt)
