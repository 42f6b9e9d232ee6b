"""Answers by mail become messages of their contact, once."""

import logging
from typing import Any

import pytest

from activity.models import ActivityEvent
from contacts.models import Contact, Delivery, Message
from contacts.reply_address import reply_address
from tests.contacts.inbound.receiving import receive
from tests.contacts.outbox import ANA, verbs
from tests.contacts.providers import inbound, raw

pytestmark = pytest.mark.django_db


def test_an_answer_becomes_a_message_of_the_contact(sent: Message) -> None:
    quoting = (
        "Friday it is.\n\nOn Wed, Nov 4, 2026 at 10:00, Mia <annals@x.example> wrote:\n> When?"
    )
    answer = receive(inbound(sent, quoting))
    assert answer.contact == sent.contact
    assert answer.in_reply_to == sent
    assert (answer.subject, answer.body, answer.address) == ("Re: Friday", "Friday it is.", ANA)
    assert answer.quoted.endswith("> When?")
    assert (answer.via, answer.is_automatic, answer.author) == ("email", False, None)
    event = ActivityEvent.objects.get(verb="message.received")
    assert event.actor_type == "contact"
    assert verbs(sent.contact) == ["message.queued", "message.received"]


def test_nothing_is_ever_answered_by_itself(sent: Message) -> None:
    receive(inbound(sent, headers={"Disposition-Notification-To": ANA, "Return-Receipt-To": ANA}))
    assert Delivery.objects.count() == 1


def test_the_same_mail_twice_is_one_message(sent: Message) -> None:
    for _time in range(2):
        receive(inbound(sent))
        receive(inbound(sent, MessageID="another-of-the-provider"))
    assert Message.objects.filter(incoming=True).count() == 1


def test_a_mail_without_an_id_that_is_handed_in_again_is_one_message(sent: Message) -> None:
    for number in (1, 1, 2):
        receive(inbound(sent, headers={"Message-ID": ""}, MessageID=f"event-{number}"))
    assert Message.objects.filter(incoming=True).count() == 2


def test_an_answer_from_another_address_is_kept_and_says_so(sent: Message) -> None:
    answer = receive(inbound(sent, FromFull={"Email": "Ben@Other.example", "Name": "Ben"}))
    assert answer.address == "ben@other.example"


@pytest.mark.parametrize("sender", ["", "nobody", "a b@c", "x" * 300 + "@calder.example"])
def test_a_sender_that_is_none_is_left_open(sent: Message, sender: str) -> None:
    told = raw(sent, f"From: {sender}\nTo: REPLY\nMessage-ID: <2@x>\n\nHello")
    assert receive(told).address == ""


def test_the_reply_address_is_found_wherever_the_mail_server_puts_it(sent: Message) -> None:
    hidden = raw(sent, "From: ana@calder.example\nTo: undisclosed-recipients:;\n\nHello")
    assert receive(hidden).in_reply_to == sent
    told = raw(sent, "From: a@x.example\nTo: team@x.example\nDelivered-To: REPLY\n\nBy another way")
    answer = receive(told | {"OriginalRecipient": "", "MessageID": "3"})
    assert answer.body == "By another way"


@pytest.mark.parametrize(
    "address",
    [
        "reply+aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@in.annals.example",
        "reply+@in.annals.example",
        "someone@in.annals.example",
    ],
)
def test_a_mail_to_no_reply_address_is_dropped(
    sent: Message, address: str, caplog: pytest.LogCaptureFixture
) -> None:
    told = inbound(sent, ToFull=[{"Email": address, "Name": ""}], OriginalRecipient=address)
    with caplog.at_level(logging.WARNING):
        assert receive(told) is None
    assert caplog.messages == ["A mail was dropped: its address is none of ours"]


def test_a_reply_address_of_another_domain_is_none(sent: Message, settings: Any) -> None:
    told = inbound(sent)
    settings.INBOUND_DOMAIN = "new.annals.example"
    assert receive(told) is None


def test_an_answer_of_a_deleted_contact_is_dropped(
    sent: Message, caplog: pytest.LogCaptureFixture
) -> None:
    told = inbound(sent)
    sent.contact.delete()
    with caplog.at_level(logging.WARNING):
        assert receive(told) is None
    assert caplog.messages == ["A mail was dropped: its contact is gone"]


def test_an_answer_of_an_archived_contact_is_kept(sent: Message) -> None:
    contact = Contact.objects.get()
    contact.archive()
    assert receive(inbound(sent)).contact == contact


def test_a_reply_address_survives_capitals(sent: Message) -> None:
    told = inbound(sent, OriginalRecipient=reply_address(sent).upper(), ToFull=[])
    assert receive(told).in_reply_to == sent
