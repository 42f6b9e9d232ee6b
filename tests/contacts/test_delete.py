"""Deleting for good: confirmed by name, whole or not at all, with a receipt that names nobody."""

import json

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import strip_tags

from accounts.models import User
from activity.models import ActivityEvent
from contacts.models import Contact, Delivery, Invitation, Message
from contacts.models.deletion import fingerprint
from tests.builders import make_comment, make_contact, make_user
from tests.contacts.portal_people import answer, attach, give_portal, make_portal, write

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
both = pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "fragment"])


@pytest.fixture
def max_(client: Client) -> User:
    max_ = make_user(name="Max")
    client.force_login(max_)
    return max_


@pytest.fixture
def amara() -> Contact:
    return make_contact(
        honorific="Dr", given_name="Amara", family_name="Okonkwo", emails=["amara@calder.example"],
        phones=["+442079460142"], notes="Allergic to lilies", tags=["VIP"],
    )  # fmt: skip


def delete(client: Client, contact: Contact, confirm: str, reason: str = "", **headers: str):
    path = reverse("contact_delete", args=[contact.pk])
    return client.post(path, {"confirm": confirm, "reason": reason}, headers=headers or None)


def receipt_of(client: Client, contact: Contact) -> str:
    answer = client.get(contact.get_absolute_url())
    assert answer.status_code == 410
    return " ".join(strip_tags(answer.content.decode().replace("<", " <")).split())


def test_the_page_says_what_is_erased_and_what_stays(
    client: Client, max_: User, amara: Contact
) -> None:
    make_comment(amara)
    for name in ("contact_delete", "contact_delete_dialog"):
        answer = client.get(reverse(name, args=[amara.pk]))
        page = " ".join(strip_tags(answer.content.decode()).split())
        assert "Delete Dr Amara Okonkwo?" in page
        assert "1 comment, with its versions" in page
        assert "2 log entries" in page
        assert "Archive instead" in page
    assert Contact.objects.exists()


@both
@pytest.mark.parametrize("typed", ["", "Amara", "Dr Amara Okonkwo!", "delete", "\x00"])
def test_the_wrong_name_deletes_nothing_and_keeps_the_reason(
    client: Client, max_: User, amara: Contact, typed: str, headers: dict[str, str]
) -> None:
    answer = delete(client, amara, typed, "Asked to be forgotten", **headers)
    assert answer.status_code == 422
    assert 'value="Asked to be forgotten"' in answer.content.decode()
    assert ("<html" in answer.content.decode()) == (not headers)
    assert Contact.objects.exists()


@pytest.mark.parametrize("typed", ["Dr Amara Okonkwo", "  dr   AMARA okonkwo\n"])
def test_the_name_is_enough_whatever_its_case_and_spaces(
    client: Client, max_: User, amara: Contact, typed: str
) -> None:
    answer = delete(client, amara, typed)
    assert (answer.status_code, answer.headers["Location"]) == (303, amara.get_absolute_url())
    assert not Contact.objects.exists()


def test_a_name_can_be_typed_on_any_keyboard(client: Client, max_: User) -> None:
    """An imported name may hold its accents apart from its letters, and spaces that don't break."""
    contact = make_contact(given_name="Zoe\u0308", family_name="Van\u00a0Dyck")
    assert delete(client, contact, "zo\u00eb van dyck").status_code == 303


def test_htmx_is_led_to_the_receipt(client: Client, max_: User, amara: Contact) -> None:
    answer = delete(client, amara, amara.name, **HTMX)
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, amara.get_absolute_url())


def test_the_receipt_says_who_when_why_and_how_much(
    client: Client, max_: User, amara: Contact
) -> None:
    make_comment(amara)
    delete(client, amara, amara.name, "Asked to be forgotten")
    receipt = receipt_of(client, amara)
    for part in (
        "Dr Amara Okonkwo was deleted", "By M Max", "Asked to be forgotten",
        "Comments 1 erased", "Versions 2 erased", "Log contents 2 erased",
        "2 fingerprints kept", "Max deleted this contact",
    ):  # fmt: skip
        assert part in receipt
    assert "Messages" not in receipt
    event = ActivityEvent.objects.get(verb="contact.deleted")
    assert event.payload == {
        "actor": "Max", "reason": "Asked to be forgotten",
        "counts": {
            "comments": 1, "messages": 0, "invitations": 0, "shares": 0, "attachments": 0,
            "unsent": 0, "deliveries": 0, "versions": 2, "import_rows": 0, "accounts": 0,
        },
        "fingerprints": [fingerprint("amara@calder.example"), fingerprint("+442079460142")],
    }  # fmt: skip


def test_the_timeline_stays_as_bare_facts_with_the_names_of_who_acted(
    client: Client, max_: User, amara: Contact
) -> None:
    client.post(reverse("contact_archive", args=[amara.pk]), {"reason": "Her mother is ill"})
    make_comment(amara, max_, "She told me a secret")
    delete(client, amara, amara.name)
    receipt = receipt_of(client, amara)
    for part in ("Max archived this contact", "Max deleted this contact", "Content erased"):
        assert part in receipt
    for part in ("mother", "secret", "amara@", "lilies"):
        assert part not in receipt


def test_deleting_twice_shows_the_receipt(client: Client, max_: User, amara: Contact) -> None:
    delete(client, amara, amara.name)
    answer = delete(client, amara, amara.name)
    assert answer.status_code == 410
    assert "was deleted" in strip_tags(answer.content.decode())
    toast = json.loads(delete(client, amara, amara.name, **HTMX).headers["HX-Trigger"])["toast"]
    assert toast["text"] == "This contact was deleted."
    assert ActivityEvent.objects.filter(verb="contact.deleted").count() == 1


def test_an_archived_contact_can_be_deleted(client: Client, max_: User, amara: Contact) -> None:
    amara.archive()
    page = client.get(reverse("contact_delete", args=[amara.pk])).content.decode()
    assert "Archive instead" not in page
    assert delete(client, amara, amara.name).status_code == 303


def test_a_member_cannot_delete(client: Client, amara: Contact) -> None:
    client.force_login(make_user(name="Mia"))
    for name in ("contact_delete", "contact_delete_dialog"):
        assert client.get(reverse(name, args=[amara.pk])).status_code == 403
    assert delete(client, amara, amara.name).status_code == 403
    assert Contact.objects.exists()


def test_the_same_person_can_be_added_again_without_the_old_history(
    client: Client, max_: User, amara: Contact
) -> None:
    amara.archive(reason="An old story")
    delete(client, amara, amara.name)
    again = make_contact(given_name="Amara", emails=["amara@calder.example"])
    assert again.pk != amara.pk
    page = " ".join(strip_tags(client.get(again.get_absolute_url()).content.decode()).split())
    assert "An old story" not in page
    assert [e.verb for e in ActivityEvent.objects.of(again.pk)] == ["contact.created"]


def test_the_question_and_the_receipt_count_what_was_sent_and_received(
    client: Client, max_: User, amara: Contact
) -> None:
    make_comment(amara)
    attach(write(amara))
    answer(amara)
    write(amara, "Still waiting", "queued")
    make_portal(amara)
    Invitation.send(amara, inviter=max_, email="a.okonkwo@calder.example", role="client")
    page = client.get(reverse("contact_delete", args=[amara.pk])).content.decode()
    said = " ".join(strip_tags(page).split())
    for part in (
        "1 comment, with its versions", "3 messages, sent and received", "1 file",
        "The open invitation; its link stops working", "Portal access; whoever uses it",
        "2 mails that wait to be sent",
    ):  # fmt: skip
        assert part in said
    delete(client, amara, amara.name)
    receipt = receipt_of(client, amara)
    for part in (
        "Comments 1 erased", "Messages 3 erased", "Files 1 erased", "Invitations 2 erased",
        "Waiting mails 2 erased",
    ):  # fmt: skip
        assert part in receipt
    assert not Delivery.objects.exists()


def test_nothing_that_is_not_there_is_named(client: Client, max_: User, amara: Contact) -> None:
    page = client.get(reverse("contact_delete", args=[amara.pk])).content.decode()
    for part in ("message", "file", "share", "invitation", "Portal", "mail that waits"):
        assert part not in page.partition('class="gone"')[2].partition("</ul>")[0]
    delete(client, amara, amara.name)
    assert "Messages" not in receipt_of(client, amara).partition("Entry")[0]


def test_the_contacts_portal_is_closed_at_once_and_its_address_free_again(
    client: Client, max_: User, amara: Contact
) -> None:
    account = make_portal(amara)
    theirs = Client()
    theirs.force_login(account)
    assert theirs.get("/portal/").status_code == 200
    delete(client, amara, amara.name)
    assert theirs.get("/portal/").url.startswith("/accounts/login/")
    account.refresh_from_db()
    assert not account.is_active
    assert "amara" not in f"{account.email}{account.name}".lower()
    again = make_contact(given_name="Amara", emails=["amara@calder.example"])
    anew = make_portal(again)
    assert anew.pk != account.pk
    theirs.force_login(anew)
    assert theirs.get("/portal/").status_code == 200
    assert not Message.objects.exists()


def test_an_account_that_has_another_portal_or_a_role_stays_open(
    client: Client, max_: User, amara: Contact
) -> None:
    account = make_portal(amara)
    give_portal(make_contact(given_name="Trust"), account)
    give_portal(amara, mia := make_user(name="Mia"))
    delete(client, amara, amara.name)
    for user in (account, mia):
        user.refresh_from_db()
        assert user.is_active
    theirs = Client()
    theirs.force_login(account)
    assert theirs.get("/portal/").context["contact"].given_name == "Trust"
