"""Archiving puts a contact away, readable and findable; restoring takes it back."""

import json

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import strip_tags

from accounts.models import User
from activity.models import ActivityEvent
from contacts.models import Contact, Message
from tests.builders import make_contact, make_user

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
both = pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "fragment"])


@pytest.fixture
def amara() -> Contact:
    return make_contact()


@pytest.fixture(autouse=True)
def mia(client: Client) -> User:
    mia = make_user(name="Mia")
    client.force_login(mia)
    return mia


def act(client: Client, contact: Contact, action: str, reason: str = "", **headers: str):
    newest = ActivityEvent.objects.latest("id").pk
    path = reverse(f"contact_{action}", args=[contact.pk])
    return client.post(path, {"reason": reason, "newest": newest}, headers=headers or None)


def verbs(contact: Contact) -> list[str]:
    events = ActivityEvent.objects.filter(contact_id=contact.pk).order_by("id")
    return [event.verb for event in events]


def page_of(client: Client, contact: Contact) -> str:
    return " ".join(strip_tags(client.get(contact.get_absolute_url()).content.decode()).split())


def toast(answer) -> dict[str, str]:
    return json.loads(answer.headers["HX-Trigger"])["toast"]


def test_mia_archives_a_contact_and_says_why(client: Client, amara: Contact) -> None:
    answer = act(client, amara, "archive", "  Paused until Q4  ")
    assert (answer.status_code, answer.headers["Location"]) == (303, amara.get_absolute_url())
    page = page_of(client, amara)
    assert "Mia archived this contact" in page
    assert "“Paused until Q4”" in page
    assert "Archived on" in page
    event = ActivityEvent.objects.get(verb="contact.archived")
    assert (event.payload["reason"], event.changes) == ("Paused until Q4", [])


def test_archiving_offers_to_undo_it(client: Client, amara: Contact) -> None:
    undo = reverse("contact_restore", args=[amara.pk]) + "?undo"
    assert toast(act(client, amara, "archive", **HTMX)) == {
        "text": "Archived Amara Okonkwo", "kind": "ok", "undo": undo,
    }  # fmt: skip
    act(client, amara, "restore")
    act(client, amara, "archive")
    page = client.get(amara.get_absolute_url()).content.decode()
    assert f'action="{undo}" data-undo' in page


def test_the_fragment_brings_the_new_head_and_the_new_row(client: Client, amara: Contact) -> None:
    page = act(client, amara, "archive", "Paused", **HTMX).content.decode()
    assert '<hx-partial hx-target="#head"' in page
    assert f'id="e-{ActivityEvent.objects.latest("id").pk}"' in page
    assert "“Paused”" in page


@both
def test_archiving_twice_is_one_event_and_a_friendly_word(
    client: Client, amara: Contact, headers: dict[str, str]
) -> None:
    act(client, amara, "archive")
    answer = act(client, amara, "archive", **headers)
    assert answer.status_code == (200 if headers else 303)
    said = toast(answer)["text"] if headers else page_of(client, amara)
    assert "It was archived already." in said
    assert verbs(amara) == ["contact.created", "contact.archived"]


@both
def test_restoring_twice_is_one_event_and_a_friendly_word(
    client: Client, amara: Contact, headers: dict[str, str]
) -> None:
    act(client, amara, "archive")
    act(client, amara, "restore", "Budget approved")
    answer = act(client, amara, "restore", **headers)
    said = toast(answer)["text"] if headers else page_of(client, amara)
    assert "It is not in the archive." in said
    assert verbs(amara) == ["contact.created", "contact.archived", "contact.restored"]
    assert "“Budget approved”" in page_of(client, amara)


@both
@pytest.mark.parametrize("action", ["archive", "restore"])
def test_a_reason_of_more_than_500_characters_is_refused_and_kept(
    client: Client, amara: Contact, action: str, headers: dict[str, str]
) -> None:
    if action == "restore":
        amara.archive()
    answer = act(client, amara, action, "x" * 501, **headers)
    assert answer.status_code == 422
    assert Contact.objects.get().is_archived == (action == "restore")
    if headers:  # what was typed is still on the page, as nothing is swapped
        assert answer.headers["HX-Reswap"] == "none"
        assert toast(answer)["kind"] == "bad"
    else:
        assert "x" * 501 in answer.content.decode()
    assert act(client, amara, action, "x" * 500, **headers).status_code in (200, 303)


def test_what_waits_to_leave_is_taken_back_with_the_contact(
    client: Client, mia: User, amara: Contact
) -> None:
    waiting = Message.send(amara, author=mia, address="amara@calder.example", body="Hello")
    act(client, amara, "archive")
    delivery = waiting.deliveries.get()
    assert (delivery.state, delivery.error) == ("cancelled", "The contact was archived.")
    assert verbs(amara)[-2:] == ["contact.archived", "message.cancelled"]
    act(client, amara, "restore")
    assert waiting.deliveries.get().state == "cancelled"


def test_an_archived_contact_stays_readable_and_findable(client: Client, amara: Contact) -> None:
    act(client, amara, "archive")
    assert "Amara Okonkwo" in page_of(client, amara)
    found = client.get(reverse("contacts"), {"q": "okonkwo", "status": "all"})
    assert amara.get_absolute_url() in found.content.decode()
    found = client.get(reverse("contacts"), {"q": "okonkwo", "status": "archived"})
    assert amara.get_absolute_url() in found.content.decode()
    assert list(Contact.objects.search("okon").archived()) == [amara]


def test_an_archived_contact_offers_restoring_instead_of_editing(
    client: Client, amara: Contact
) -> None:
    act(client, amara, "archive")
    page = client.get(amara.get_absolute_url()).content.decode()
    assert reverse("contact_restore", args=[amara.pk]) in page
    assert reverse("contact_archive", args=[amara.pk]) not in page
    assert reverse("contact_edit", args=[amara.pk]) not in page


def test_archiving_leaves_the_contact_as_it_was(client: Client, amara: Contact) -> None:
    before = {name: getattr(amara, name) for name in Contact.tracked_fields()}
    act(client, amara, "archive")
    act(client, amara, "restore")
    after = Contact.objects.get()
    assert {name: getattr(after, name) for name in before} == before
    assert after.version == 3


@both
@pytest.mark.parametrize("action", ["archive", "restore"])
def test_a_contact_deleted_meanwhile_is_said_to_be_gone(
    client: Client, amara: Contact, action: str, headers: dict[str, str]
) -> None:
    amara.delete()
    answer = act(client, amara, action, **headers)
    assert answer.status_code == 410
    if headers:
        assert toast(answer) == {"text": "This contact was deleted.", "kind": "bad", "undo": ""}
    else:
        assert "Amara Okonkwo was deleted" in strip_tags(answer.content.decode())
