"""Do not contact: nothing leaves, whatever was on its way, until the contact may be written to."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import strip_tags

from accounts.models import User
from activity.models import ActivityEvent
from contacts.mail import deliver
from contacts.models import Blocked, Contact, Delivery, Invitation, Message
from tests.builders import make_user
from tests.contacts.portal_people import make_amara, write

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def mia(client: Client) -> User:
    mia = make_user(name="Mia")
    client.force_login(mia)
    return mia


@pytest.fixture
def amara() -> Contact:
    return make_amara()


def act(client: Client, contact: Contact, what: str, reason: str = "", **headers: str) -> Any:
    path = reverse(f"contact_{what}", args=[contact.pk])
    return client.post(path, {"reason": reason, "newest": "1"}, headers=headers or None)


def page_of(client: Client, contact: Contact) -> str:
    return " ".join(strip_tags(client.get(contact.get_absolute_url()).content.decode()).split())


def test_the_page_says_since_when_why_and_from_whom(
    client: Client, mia: User, amara: Contact
) -> None:
    assert act(client, amara, "opt_out", "Asked on the phone.").status_code == 303
    page = page_of(client, amara)
    assert "Amara Okonkwo wants no mail." in page
    assert "noted by the team. “Asked on the phone.”" in page
    assert "Mia noted that this contact wants no mail" in page
    assert "May be contacted again" in page


def test_htmx_gets_the_head_and_the_new_row(client: Client, mia: User, amara: Contact) -> None:
    fragment = act(client, amara, "opt_out", "Asked", **HTMX)
    assert "<html" not in fragment.content.decode()
    assert "wants no mail." in fragment.content.decode()
    assert "Mia</b> noted that" in fragment.content.decode()
    fragment = act(client, amara, "opt_in", "Changed her mind", **HTMX)
    assert "may be written to again" in fragment.content.decode()
    assert "wants no mail.</b>" not in fragment.content.decode()


def test_asking_twice_is_one_event_and_a_friendly_word(
    client: Client, mia: User, amara: Contact
) -> None:
    for _time in range(2):
        act(client, amara, "opt_out")
    assert ActivityEvent.objects.filter(verb="contact.opted_out").count() == 1
    for _time in range(2):
        act(client, amara, "opt_in")
    assert ActivityEvent.objects.filter(verb="contact.opted_in").count() == 1


@pytest.mark.parametrize("what", ["opt_out", "opt_in"])
def test_who_may_not_change_contacts_may_not_decide_this(
    client: Client, amara: Contact, what: str
) -> None:
    client.force_login(make_user(name="Vic"))
    assert act(client, amara, what).status_code == 403
    assert "Do not contact" not in page_of(client, amara)
    amara.opt_out(source="team")
    assert "May be contacted again" not in page_of(client, amara)


@pytest.mark.parametrize("what", ["opt_out", "opt_in"])
def test_a_link_and_too_long_a_reason_change_nothing(
    client: Client, mia: User, amara: Contact, what: str
) -> None:
    assert client.get(reverse(f"contact_{what}", args=[amara.pk])).status_code == 405
    assert act(client, amara, what, "x" * 501).status_code == 422
    assert not ActivityEvent.objects.filter(verb__startswith="contact.opted").exists()


def test_of_a_deleted_contact_the_receipt_is_shown(
    client: Client, mia: User, amara: Contact
) -> None:
    amara.delete()
    for what in ("opt_out", "opt_in"):
        assert act(client, amara, what).status_code == 410


def test_what_is_queued_does_not_leave(client: Client, mia: User, amara: Contact) -> None:
    waiting = write(amara, state="queued")
    postponed = write(amara, "Tried once", "queued")
    Delivery.objects.filter(message=postponed).update(attempts=1)
    invitation = Invitation.send(
        amara, inviter=make_user(name="Max"), email=amara.email, role="client"
    )
    act(client, amara, "opt_out")
    assert set(Delivery.objects.values_list("state", flat=True)) == {"cancelled"}
    invitation.refresh_from_db()
    assert invitation.state == "revoked"
    for message in (waiting, postponed):
        assert ActivityEvent.objects.filter(verb="message.cancelled", object_id=message.pk)


def test_nothing_new_leaves(client: Client, mia: User, amara: Contact) -> None:
    failed = write(amara, state="failed")
    max_ = make_user(name="Max")
    invitation = Invitation.send(amara, inviter=max_, email=amara.email, role="client")
    amara.refresh_from_db()
    act(client, amara, "opt_out")
    amara.refresh_from_db()
    for attempt in (
        lambda: write(amara),
        lambda: Message.objects.get(pk=failed.pk).retry(),
        lambda: Invitation.objects.get(pk=invitation.pk).resend(max_),
        lambda: Invitation.send(amara, inviter=max_, email="b@calder.example", role="client"),
    ):
        with pytest.raises(Blocked):
            attempt()
    assert not Delivery.objects.queued().exists()


def test_the_buttons_of_a_page_that_was_open_answer_that_it_is_blocked(
    client: Client, mia: User, amara: Contact
) -> None:
    failed = write(amara, state="failed")
    act(client, amara, "opt_out")
    typed = {"id": "0190a000-0000-7000-8000-00000000000a", "body": "Hello", "address": amara.email}
    sent = client.post(reverse("contact_messages", args=[amara.pk]), typed)
    assert sent.status_code == 409
    assert "Hello" in sent.content.decode()
    assert client.post(reverse("message_retry", args=[failed.pk])).status_code == 409
    client.force_login(make_user(name="Max"))
    typed = {"id": typed["id"], "email": amara.email, "role": "client"}
    invited = client.post(reverse("contact_invitations", args=[amara.pk]), typed)
    assert invited.status_code == 409
    assert not Delivery.objects.queued().exists()


def test_a_mail_that_is_being_sent_meanwhile_is_not_tried_again(
    client: Client, mia: User, amara: Contact, mailoutbox: list
) -> None:
    write(amara, state="queued")
    delivery = Delivery.objects.get()
    Delivery.objects.filter(pk=delivery.pk).update(state="sending", attempts=1)
    act(client, amara, "opt_out")
    Delivery.objects.get(pk=delivery.pk).postpone("The server is away.")
    Delivery.objects.filter(pk=delivery.pk).update(due_at=delivery.created_at)
    deliver(delivery.pk)
    assert not mailoutbox
    assert Delivery.objects.get(pk=delivery.pk).state == "cancelled"


def test_a_contact_that_may_be_written_to_again_is(
    client: Client, mia: User, amara: Contact
) -> None:
    act(client, amara, "opt_out")
    act(client, amara, "opt_in", "Asked for news again")
    amara.refresh_from_db()
    assert (amara.do_not_contact_reason, amara.do_not_contact_source) == ("", "")
    amara.refresh_from_db()
    assert write(amara, state="queued").delivery.state == "queued"
    assert "“Asked for news again”" in page_of(client, amara)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("team", "Mia noted that this contact wants no mail"),
        ("recipient", "Amara Okonkwo stopped all mail by the link in a mail"),
        ("complaint", "A mail was reported as unwanted: this contact gets no more"),
    ],
)
def test_the_timeline_says_how_it_came(
    client: Client, mia: User, amara: Contact, source: str, words: str
) -> None:
    if source == "team":
        act(client, amara, "opt_out")
    else:
        amara.opt_out(source=source, by=amara)
    assert words in page_of(client, amara)
