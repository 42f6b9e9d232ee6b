"""Bounces that come back by mail are noted for their delivery."""

import pytest

from contacts.models import Delivery
from tests.contacts.inbound.receiving import receive
from tests.contacts.outbox import ANA, ana, message, state, verbs
from tests.contacts.providers import file, inbound, raw

pytestmark = pytest.mark.django_db
BOUNCE = """From: Mail Delivery System <MAILER-DAEMON@mx.calder.example>
To: REPLY
Message-ID: <bounce@mx.calder.example>
Auto-Submitted: auto-replied
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

I'm sorry to have to inform you that your message could not be delivered.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.calder.example
Arrival-Date: Thu, 5 Nov 2026 16:33:54 +0000

Final-Recipient: rfc822; ana@calder.example
Original-Recipient: rfc822;ana@calder.example
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 <ana@calder.example>: Recipient
    address rejected; no such user

--b
Content-Type: message/rfc822

From: annals@annals.example
To: ana@calder.example
Subject: Hello

Hello Ana
--b--
"""


def on_its_way(mail: Delivery) -> Delivery:
    Delivery.objects.filter(pk=mail.pk).update(state="sending", attempts=1)
    mail.refresh_from_db()
    mail.sent()
    return mail


def test_a_bounce_by_mail_is_noted_for_its_delivery() -> None:
    mail = on_its_way(message())
    assert receive(raw(mail.message, BOUNCE)) is None
    assert state(mail) == "bounced"
    assert mail.error == (
        "The mail came back. The other side says: "
        "550 5.1.1 <ana@calder.example>: Recipient address rejected; no such user"
    )
    receive(raw(mail.message, BOUNCE))
    assert verbs(mail.contact) == ["message.queued", "message.bounced"]


def test_a_bounce_is_noted_for_the_address_that_it_names() -> None:
    contact = ana(emails=[ANA, "ana@home.example"])
    first = on_its_way(message(contact))
    first.bounced("No")
    first.message.retry("ana@home.example")
    second = on_its_way(Delivery.objects.exclude(pk=first.pk).get())
    receive(raw(first.message, BOUNCE))
    assert state(second) == "sent"
    receive(raw(first.message, BOUNCE.replace("ana@calder", "ana@home")))
    assert state(second) == "bounced"


def test_a_bounce_that_says_little_is_noted_with_what_it_says() -> None:
    mail = on_its_way(message())
    scant = "Reporting-MTA: dns; mx\n\nAction: Failed\nStatus: 5.0.0"
    told = BOUNCE.partition("Reporting-MTA")[0] + scant + "\n\n--b--\n"
    receive(raw(mail.message, told))
    assert state(mail) == "bounced"
    assert mail.error == "The mail came back. The other side says: 5.0.0"


def test_a_delay_by_mail_changes_nothing() -> None:
    mail = on_its_way(message())
    receive(raw(mail.message, BOUNCE.replace("Action: failed", "Action: delayed")))
    assert state(mail) == "sent"


def test_a_bounce_is_noted_where_the_provider_has_taken_the_mail_apart() -> None:
    mail = on_its_way(message())
    status = BOUNCE.partition("delivery-status\n\n")[2].partition("\n--b")[0].encode()
    parts = [file("details.txt", status, "message/delivery-status")]
    receive(inbound(mail.message, "Sorry", Attachments=parts))
    assert state(mail) == "bounced"
    assert "550 5.1.1" in mail.error
