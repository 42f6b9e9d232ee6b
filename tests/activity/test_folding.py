"""Runs of small changes take one line; whatever else happened keeps its own."""

import datetime

import pytest
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import strip_tags

from activity import folding, timeline
from activity.filters import Filters
from activity.folding import Fold
from activity.models import ActivityEvent
from contacts.models import Contact
from tests.activity.happenings import MINUTE, NOON, change, happen
from tests.builders import make_contact, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def amara() -> Contact:
    return make_contact()


def shape(contact: Contact) -> list[list[int | str]]:
    """Return each day as the length of its folds and the verbs of its other rows, newest first."""
    return [
        [len(row.events) if isinstance(row, Fold) else row.verb for row in day.rows]
        for day in timeline.read(contact.pk, Filters()).days
    ]


def today(contact: Contact) -> list[int | str]:
    """Return the shape of the one day before the contact was created."""
    return shape(contact)[0]


def test_three_changes_by_one_person_within_minutes_take_one_line(amara: Contact) -> None:
    mia = make_user()
    for minute in (0, 9, 18):
        happen(amara, actor=mia, at=NOON + minute * MINUTE)
    assert today(amara) == [3]


def test_two_changes_are_not_worth_folding(amara: Contact) -> None:
    happen(amara, actor=make_user(), times=2)
    assert today(amara) == ["contact.updated", "contact.updated"]


def test_a_pause_of_more_than_ten_minutes_ends_a_run(amara: Contact) -> None:
    mia = make_user()
    for minute in (0, 5, 10, 21, 25, 30):
        happen(amara, actor=mia, at=NOON + minute * MINUTE)
    assert today(amara) == [3, 3]


def test_what_was_changed_of_two_contacts_is_not_one_run(amara: Contact) -> None:
    mia, merged = make_user(), make_contact(given_name="Ben")
    for contact in (amara, merged, amara):
        happen(contact, actor=mia)
    changes = ActivityEvent.objects.filter(verb="contact.updated").order_by("-id")
    [day] = folding.days(changes)
    assert len(day.rows) == 3


def test_what_two_people_changed_is_not_one_run(amara: Contact) -> None:
    mia, ben = make_user(), make_user(name="Ben")
    for person in (mia, mia, ben, mia):
        happen(amara, actor=person)
    assert today(amara) == ["contact.updated"] * 4


def test_the_system_and_a_person_are_not_one_run(amara: Contact) -> None:
    happen(amara, times=2)
    happen(amara, times=2, actor=make_user())
    assert today(amara) == ["contact.updated"] * 4


@pytest.mark.parametrize("verb", ["comment.added", "contact.archived", "contact.imported"])
def test_a_run_never_goes_across_another_kind(amara: Contact, verb: str) -> None:
    mia = make_user()
    happen(amara, actor=mia, times=2)
    happen(amara, verb, actor=mia)
    happen(amara, actor=mia, times=2)
    assert today(amara) == ["contact.updated"] * 2 + [verb] + ["contact.updated"] * 2


@pytest.mark.parametrize("verb", ["comment.added", "contact.archived", "contact.restored"])
def test_only_field_changes_are_folded(amara: Contact, verb: str) -> None:
    happen(amara, verb, actor=make_user(), times=5)
    assert today(amara) == [verb] * 5


def test_a_run_never_goes_across_midnight_of_the_viewer(amara: Contact) -> None:
    mia = make_user()
    midnight = datetime.datetime(2026, 5, 6, 22, tzinfo=datetime.UTC)  # in Berlin
    for minute in (-6, -4, -2, 2, 4, 6):
        happen(amara, actor=mia, at=midnight + minute * MINUTE)
    with timezone.override("Europe/Berlin"):
        assert shape(amara)[:2] == [[3], [3]]
    with timezone.override("UTC"):
        assert shape(amara)[0] == [6]


def test_a_fold_names_who_and_each_field_once(amara: Contact) -> None:
    mia = make_user()
    for label in ("City", "Phone", "City"):
        happen(amara, actor=mia, changes=[change(label)])
    [fold] = timeline.read(amara.pk, Filters()).days[0].rows
    assert (fold.newest.who, fold.labels) == ("Mia", "City, Phone")
    assert fold.newest.id > fold.oldest.id


def test_a_fold_whose_content_was_erased_names_who_alone(amara: Contact) -> None:
    happen(amara, actor=make_user(), times=3)
    amara.delete()
    page = timeline.read(amara.pk, Filters())
    [fold] = [row for day in page.days for row in day.rows if isinstance(row, Fold)]
    html = render_to_string("activity/_fold.html", {"fold": fold, "user": None})
    assert "Mia made 3 changes" in " ".join(strip_tags(html).split())
    assert "3 changes:" not in html
