"""The log in Django admin: to be read, by administrators, at any size."""

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from activity.context import acting
from activity.models import ActivityEvent, ActivityOrigin
from contacts.admin import FirstRows
from contacts.models import Contact
from tests.builders import make_contact, make_user

pytestmark = pytest.mark.django_db
EVENTS = "/admin/activity/activityevent/"
ORIGINS = "/admin/activity/activityorigin/"


@pytest.fixture
def ada(client: Client) -> User:
    ada = make_user(name="Ada")
    client.force_login(ada)
    return ada


def add_by_mia(**fields: object) -> Contact:
    mia = User.objects.filter(name="Mia").first() or make_user(name="Mia")
    where = {"route": "contact_new", "address": "192.0.2.44", "user_agent": "Firefox 144"}
    with acting(actor=mia, channel="web", **where):
        return make_contact(**fields)


def text_of(client: Client, path: str, **query: str) -> str:
    answer = client.get(path, query)
    assert answer.status_code == 200
    return answer.content.decode()


def shown(client: Client, **query: str) -> list[ActivityEvent]:
    return client.get(EVENTS, query).context["cl"].result_list


def test_the_list_says_who_did_what_to_whom_and_through_what(client: Client, ada: User) -> None:
    contact = add_by_mia()
    text = text_of(client, EVENTS)
    for words in ("Mia", "Contact created", "Amara Okonkwo", contact.get_absolute_url(), ">web<"):
        assert words in text


def test_an_event_is_shown_with_its_content_and_leads_to_its_origin(
    client: Client, ada: User
) -> None:
    add_by_mia(given_name="Renée")
    event = ActivityEvent.objects.get(verb="contact.created")
    text = text_of(client, f"{EVENTS}{event.pk}/change/")
    assert "Renée" in text
    assert str(event.uid) in text
    assert bytes(event.commitment).hex() in text
    origin = f"{ORIGINS}{event.origin_id}/change/"
    assert origin in text
    assert "192.0.2.44" in text_of(client, origin)


def test_origins_are_listed_with_the_address_they_came_from(client: Client, ada: User) -> None:
    add_by_mia()
    text = text_of(client, ORIGINS)
    for words in ("Mia", "contact_new", "192.0.2.44", "Firefox 144"):
        assert words in text


def test_what_the_system_did_is_listed_under_its_name(client: Client, ada: User) -> None:
    make_contact()
    assert "Annals" in text_of(client, ORIGINS)
    assert [event.who for event in shown(client, verb="contact.created")] == ["Annals"]


def test_events_are_filtered_by_kind(client: Client, ada: User) -> None:
    contact = add_by_mia()
    contact.archive(reason="Gone quiet")
    assert [event.verb for event in shown(client, verb="contact.archived")] == ["contact.archived"]
    assert "contact.created" in [event.verb for event in shown(client)]


def test_events_are_found_by_their_own_id_and_by_that_of_their_contact(
    client: Client, ada: User
) -> None:
    contact = add_by_mia()
    contact.archive()
    other = add_by_mia(given_name="Other")
    first = ActivityEvent.objects.of(contact.pk).last()
    assert [event.pk for event in shown(client, q=f" {first.uid} ")] == [first.pk]
    assert {event.contact_id for event in shown(client, q=str(contact.pk))} == {contact.pk}
    assert len(shown(client, q=str(other.pk))) == 1
    assert shown(client, q="Amara") == []


def test_a_deleted_contact_is_named_by_its_receipt_and_its_events_read_as_erased(
    client: Client, ada: User
) -> None:
    contact = add_by_mia()
    pk = contact.pk
    contact.delete(reason="Asked for it")
    created = ActivityEvent.objects.of(pk).last()
    assert "Erased" in text_of(client, f"{EVENTS}{created.pk}/change/")
    assert f"/contacts/{pk}/" in text_of(client, EVENTS)


@pytest.mark.parametrize("path", [EVENTS, ORIGINS])
def test_nobody_adds_changes_or_deletes_anything_in_the_log(
    client: Client, ada: User, path: str
) -> None:
    add_by_mia()
    model = ActivityEvent if path == EVENTS else ActivityOrigin
    row, before = model.objects.order_by("pk").last(), list(model.objects.values())
    assert client.get(f"{path}add/").status_code == 403
    assert client.post(f"{path}add/", {}).status_code == 403
    assert client.post(f"{path}{row.pk}/change/", {"verb": "x", "channel": "x"}).status_code == 403
    assert client.post(f"{path}{row.pk}/delete/", {"post": "yes"}).status_code == 403
    chosen = {"action": "delete_selected", "_selected_action": str(row.pk), "post": "yes"}
    client.post(path, chosen)
    assert list(model.objects.values()) == before
    text = text_of(client, f"{path}{row.pk}/change/")
    assert "Save" not in text
    assert "deletelink" not in text


@pytest.mark.parametrize("role", ["viewer", "member", "manager"])
@pytest.mark.parametrize("path", [EVENTS, ORIGINS])
def test_who_is_no_administrator_sees_no_log_and_no_address(
    client: Client, role: str, path: str
) -> None:
    add_by_mia()
    client.force_login(make_user(role, name="Somebody"))
    assert client.get(path).status_code == 403


@pytest.mark.parametrize("path", [EVENTS, ORIGINS])
def test_a_page_costs_the_same_number_of_queries_whatever_stands_on_it(
    client: Client, ada: User, path: str
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(path).status_code == 200
        return len(captured)

    add_by_mia()
    few = queries()
    for number in range(40):
        contact = add_by_mia(given_name=f"Contact {number}")
    contact.delete()
    assert queries() == few
    assert few <= 12


def test_no_page_counts_or_sorts_the_whole_log(
    client: Client, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(admin.site.get_model_admin(ActivityEvent), "list_per_page", 2)
    for number in range(3):
        add_by_mia(given_name=f"Contact {number}")
    with CaptureQueriesContext(connection) as captured:
        client.get(EVENTS, {"_facets": "True", "o": "1"})
    about_events = [q["sql"] for q in captured if 'FROM "activity_event"' in q["sql"]]
    assert about_events
    assert all("LIMIT" in sql for sql in about_events)
    assert not any('ORDER BY "activity_event"."occurred_at"' in sql for sql in about_events)


def test_a_long_log_says_that_only_its_newest_events_are_listed(
    client: Client, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FirstRows, "LIMIT", 3)
    monkeypatch.setattr(admin.site.get_model_admin(ActivityEvent), "list_per_page", 2)
    for number in range(5):
        add_by_mia(given_name=f"Contact {number}")
    text = text_of(client, EVENTS)
    assert "The newest 3; a filter or search leads to others." in text
    assert "?p=2" in text
    assert "?p=3" not in text
