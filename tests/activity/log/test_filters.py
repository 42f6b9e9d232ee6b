"""The filters of the log: what they find, for whom, and that nonsense never does harm."""

from typing import Any

import pytest
from django.http import QueryDict
from django.utils import timezone

from activity.context import acting
from activity.log import LogFilters
from activity.models import ActivityEvent
from activity.recording import Draft, write
from contacts.models import Contact
from tests.activity.happenings import NOON, change, happen
from tests.activity.test_filters import NONSENSE
from tests.builders import make_contact, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def amara() -> Contact:
    return make_contact(
        given_name="Amara", family_name="Okonkwo", emails=["amara@calderwren.example"]
    )


def found(query: str, viewer: Any = None) -> list[str]:
    viewer = viewer or make_user("viewer", name="Reader")
    filters = LogFilters.read(QueryDict(query), viewer)
    events = filters.apply(ActivityEvent.objects.order_by("-id"))
    return [event.verb for event in events if not event.verb.startswith("user.created")]


def sign_in_of(user: Any, channel: str = "web") -> None:
    with acting(actor=user, channel=channel, clock=lambda: NOON):
        write([Draft("user.signed_in", "user", user.pk, None, {"method": "password"})])


def test_kinds_and_groups_add_up(amara: Contact) -> None:
    happen(amara)
    happen(amara, "contact.archived")
    happen(amara, "message.bounced")
    reader = make_user("viewer", name="Reader")
    assert found("kind=contact.archived", reader) == ["contact.archived"]
    assert found("kind=contact.archived&group=change", reader) == [
        "contact.archived", "contact.updated",
    ]  # fmt: skip
    assert found("group=outreach", reader) == ["message.bounced"]


def test_what_is_about_the_team_is_for_administrators_alone(amara: Contact) -> None:
    ada = make_user(name="Ada")
    sign_in_of(ada)
    assert "user.signed_in" not in found("")
    assert "user.signed_in" in found("", ada)
    assert found("kind=user.signed_in", ada) == ["user.signed_in"]
    assert found("group=team", make_user(name="Max")) == ["contact.created"]
    assert found(f"actor={ada.pk}", make_user(name="Vic")) == []


def test_who_did_it_to_whom_and_through_what(amara: Contact) -> None:
    mia, ben = make_user(), make_user(name="Ben")
    other = make_contact(given_name="Henrik")
    happen(amara, actor=mia)
    happen(other, "contact.archived", actor=mia)
    happen(amara, "contact.restored", actor=ben)
    with acting(actor=ben, channel="import", clock=lambda: NOON):
        write([Draft("contact.imported", "contact", other.pk, other.pk, {})])
    reader = make_user("viewer", name="Reader")
    assert found(f"actor={mia.pk}", reader) == ["contact.archived", "contact.updated"]
    assert found(f"actor={mia.pk}&contact={amara.pk}", reader) == ["contact.updated"]
    assert found(f"contact={other.pk}&source=web", reader) == ["contact.archived"]
    assert found("source=import", reader) == ["contact.imported"]


def test_dates_mean_whole_days_of_the_viewer(amara: Contact) -> None:
    happen(amara, at=NOON.replace(hour=22, minute=30))  # half past midnight in Berlin
    reader = make_user("viewer", name="Reader")
    for zone, day in (("Europe/Berlin", "2026-05-07"), ("UTC", "2026-05-06")):
        with timezone.override(zone):
            assert found(f"from={day}&to={day}", reader) == ["contact.updated"]
            assert found(f"to={day}&from=2027-01-01", reader) == []


def test_words_are_a_person_a_contact_a_value_or_an_entrys_number(amara: Contact) -> None:
    mia = make_user(name="Mia Möller", role="member")
    henrik = make_contact(given_name="Henrik", family_name="Vestergaard")
    ActivityEvent.objects.filter(contact_id=amara.pk)
    happen(henrik, "contact.archived", actor=mia)
    (number,) = happen(henrik, changes=[change("Phone", "", "+44 20 7946 0142")])
    reader = make_user("viewer", name="Reader")
    assert found("q=moller", reader) == ["contact.archived"]
    assert found("q=Vester", reader) == ["contact.updated", "contact.archived", "contact.created"]
    assert found("q=%2B44+20+7946", reader) == ["contact.updated"]
    assert found("q=amara%40calderwren", reader) == ["contact.created"]
    uid = ActivityEvent.objects.get(id=number).uid
    for written in (f"{number}", f"%23{number}", f"{uid}"):
        assert found(f"q={written}", reader)[0] == "contact.updated"
    assert found("q=henrik&kind=contact.archived", reader) == ["contact.archived"]


@pytest.mark.parametrize("written", ["48,219", "#48219", "48 219", "48.219", "48219"])
def test_an_entrys_number_may_be_written_as_people_write_it(written: str) -> None:
    from activity.log.words import Words

    assert Words.find(written).number == 48_219


def test_a_town_does_not_bring_all_who_live_there() -> None:
    porto = make_contact(given_name="Amara", city="Porto")
    happen(porto, "contact.archived")
    assert found("q=porto") == ["contact.created"]  # that is where the town was recorded


def test_a_deleted_contact_is_found_by_its_name_as_long_as_that_is_kept(amara: Contact) -> None:
    amara.delete()
    assert "contact.deleted" in found("q=okonkwo")


@pytest.mark.parametrize("name", ["kind", "group", "actor", "contact", "from", "to", "source"])
def test_nonsense_is_left_out(name: str) -> None:
    reader = make_user("viewer", name="Reader")
    for value in NONSENSE[:21] + NONSENSE[22:]:
        query = QueryDict(mutable=True)
        query[name] = value
        assert not LogFilters.read(query, reader)


def test_any_words_can_be_searched_for(amara: Contact) -> None:
    reader = make_user("viewer", name="Reader")
    for words in (*NONSENSE, "'", "\\'", "a:*", "!", "& |", "<->", "( )", "a'b\\"):
        query = QueryDict(mutable=True)
        query["q"] = words
        filters = LogFilters.read(query, reader)
        assert filters.apply(ActivityEvent.objects.all()).count() in (0, 1, 2)


def test_the_address_says_it_again_and_each_part_can_be_taken_off() -> None:
    ada = make_user(name="Ada")
    query = f"group=team&kind=contact.archived&kind=contact.deleted&actor={ada.pk}&from=2026-05-01"
    filters = LogFilters.read(QueryDict(query + "&q=caf%C3%A9+au&x=1&kind=nothing"), ada)
    assert filters.query == query + "&q=caf%C3%A9+au"
    assert LogFilters.read(QueryDict(filters.query), ada) == filters
    assert "deleted" not in filters.without("kind", value="contact.deleted")
    assert "archived" in filters.without("kind", value="contact.deleted")
    assert "actor" not in filters.without("actor")
    assert not LogFilters.read(QueryDict("x=1&kind=no"), ada)
