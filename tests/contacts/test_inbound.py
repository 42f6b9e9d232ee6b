"""Answers by mail become messages of their contact, whatever a mail program made of them."""

import logging
import time
from datetime import timedelta
from typing import Any

import pytest

from activity.models import ActivityEvent
from contacts.models import Contact, Delivery, Message
from contacts.reply_address import reply_address
from tests.contacts.outbox import ANA, ana, message, state, verbs
from tests.contacts.providers import file, inbound, post, raw, use

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def provider(settings: Any, tmp_path: Any) -> None:
    use(settings, "postmark")
    files = {"BACKEND": "django.core.files.storage.FileSystemStorage"}
    files["OPTIONS"] = {"location": tmp_path}
    settings.STORAGES = settings.STORAGES | {"default": files}


@pytest.fixture
def sent() -> Message:
    return message().message


def receive(told: dict[str, Any]) -> Message | None:
    """Hand a mail in; return the newest message that came in."""
    assert post("inbound", told).status_code == 200
    return Message.objects.filter(incoming=True).order_by("created_at", "id").last()


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


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Auto-Submitted", "auto-replied"),
        ("Auto-Submitted", "auto-generated (vacation)"),
        ("Precedence", "bulk"),
        ("Precedence", "auto_reply"),
        ("X-Autoreply", "yes"),
        ("X-Autorespond", ""),
        ("X-Auto-Response-Suppress", "All"),
        ("List-Id", "<staff.calder.example>"),
        ("From", "MAILER-DAEMON@calder.example"),
        ("Return-Path", "<>"),
    ],
)
def test_a_mail_that_a_program_wrote_is_marked(sent: Message, name: str, value: str) -> None:
    told = raw(sent, f"{name}: {value}\nTo: REPLY\nMessage-ID: <2@x>\n\nI am away until Monday.")
    assert receive(told).is_automatic


@pytest.mark.parametrize(
    ("name", "value"),
    [("Auto-Submitted", "no"), ("X-Auto-Response-Suppress", "None"), ("Precedence", "normal")],
)
def test_a_mail_that_a_person_wrote_is_not_marked(sent: Message, name: str, value: str) -> None:
    assert not receive(inbound(sent, headers={name: value})).is_automatic


def test_two_programs_that_answer_each_other_do_not_fill_a_timeline(sent: Message) -> None:
    for number in range(9):
        away = {"Message-ID": f"<{number}@calder.example>", "Auto-Submitted": "auto-replied"}
        receive(inbound(sent, headers=away))
    assert Message.objects.filter(is_automatic=True).count() == 5
    assert not receive(inbound(sent, "A person", headers={"Message-ID": "<p@x>"})).is_automatic


def test_an_hour_later_automatic_answers_are_kept_again(
    sent: Message, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("contacts.inbound.AUTOMATIC_AN_HOUR", 1)
    away = {"Auto-Submitted": "auto-replied"}
    receive(inbound(sent, headers=away | {"Message-ID": "<1@x>"}))
    monkeypatch.setattr("contacts.inbound.HOUR", timedelta(0))
    receive(inbound(sent, headers=away | {"Message-ID": "<2@x>"}))
    assert Message.objects.filter(is_automatic=True).count() == 2


def test_our_own_mail_that_comes_back_is_dropped(
    sent: Message, caplog: pytest.LogCaptureFixture
) -> None:
    delivery = sent.delivery
    assert receive(inbound(sent, headers={"X-Annals-Delivery": str(delivery.pk)})) is None
    assert receive(inbound(sent, headers={"Message-ID": delivery.mail_id})) is None
    assert caplog.messages == ["A mail was dropped: it was sent by Annals"] * 2


def test_every_mail_of_ours_can_be_told_by_its_header(sent: Message) -> None:
    from contacts.mail import letter

    assert letter(sent.delivery).message()["X-Annals-Delivery"] == str(sent.delivery.pk)


def test_files_are_kept_with_the_answer(sent: Message) -> None:
    answer = receive(inbound(sent, Attachments=[file("Offer.pdf", b"%PDF-1.7 offer")]))
    [kept] = answer.attachments.all()
    assert (kept.name, kept.content_type, kept.size) == ("Offer.pdf", "application/pdf", 14)
    with kept.file.open("rb") as content:
        assert content.read() == b"%PDF-1.7 offer"


def test_an_attached_mail_is_a_file_and_no_text_of_the_answer(sent: Message) -> None:
    answer = receive(
        raw(
            sent,
            "From: ana@calder.example\nTo: REPLY\nMessage-ID: <2@x>\nMIME-Version: 1.0\n"
            'Content-Type: multipart/mixed; boundary="b"\n\n--b\nContent-Type: message/rfc822\n\n'
            "From: ben@x.example\nSubject: Old\n\nAn older mail\n--b\nContent-Type: text/plain\n\n"
            "See what Ben wrote.\n--b--\n",
        )
    )
    assert answer.body == "See what Ben wrote."
    [kept] = answer.attachments.all()
    assert kept.name == "mail.eml"
    assert b"An older mail" in kept.file.read()


def test_files_beyond_the_limits_are_left_out_and_named(sent: Message, settings: Any) -> None:
    settings.MESSAGE_MAX_FILES, settings.MESSAGE_MAX_FILE_BYTES = 2, 100
    settings.MESSAGE_MAX_BYTES = 150
    files = [file(f"{n}.txt", b"x" * size) for n, size in enumerate((90, 101, 90, 50, 5))]
    answer = receive(inbound(sent, "Here they are.", Attachments=files))
    assert [kept.name for kept in answer.attachments.all()] == ["0.txt", "3.txt"]
    assert answer.body == (
        "Here they are.\n\n[3 files were left out, as they are too many or too large: "
        "1.txt (101\xa0bytes), 2.txt (90\xa0bytes), 4.txt (5\xa0bytes)]"
    )


@pytest.mark.parametrize("name", ["..", "../../etc/passwd", "a\r\nb", "\x00", "x" * 400, ""])
def test_a_file_may_have_any_name(sent: Message, name: str) -> None:
    answer = receive(inbound(sent, Attachments=[file(name, b"content")]))
    [kept] = answer.attachments.all()
    assert kept.name.strip(".")
    assert "/" not in kept.name


def test_files_may_be_larger_than_a_form(sent: Message) -> None:
    files = [file(f"{number}.bin", b"\x00" * 4_000_000) for number in range(2)]
    assert receive(inbound(sent, Attachments=files)).attachments.count() == 2


def test_a_report_larger_than_any_mail_is_refused(
    sent: Message, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("contacts.urls_provider.LARGEST_REPORT", 1_000)
    assert post("inbound", inbound(sent, "x" * 2_000)).status_code == 400


def test_html_alone_becomes_text(sent: Message) -> None:
    page = "<style>p {}</style><p>Friday&nbsp;<b>it</b> is.<p>Ana<script>alert(1)</script>"
    assert receive(inbound(sent, "", HtmlBody=page)).body == "Friday it is.\n\nAna"


def test_the_text_is_taken_before_the_html(sent: Message) -> None:
    assert receive(inbound(sent, "As text", HtmlBody="<p>As HTML</p>")).body == "As text"


def test_an_empty_mail_says_that_it_is_empty(sent: Message) -> None:
    assert receive(inbound(sent, " \n ")).body == "This mail has no text of its own."


def test_a_long_mail_is_cut_with_a_note(sent: Message) -> None:
    answer = receive(inbound(sent, "word " * 100_000))
    assert answer.body.endswith("[This mail was too long; the rest of its text was left out.]")
    assert 19_000 < len(answer.body) <= 20_000


def test_characters_that_no_database_takes_are_left_out(sent: Message) -> None:
    answer = receive(inbound(sent, "a\x00b\x1b[31mc", Subject="x\x00y", FromFull=None))
    assert (answer.body, answer.subject, answer.address) == ("ab[31mc", "xy", "")


def test_a_mail_that_nobody_can_read_is_dropped_without_a_word_of_it(
    sent: Message, caplog: pytest.LogCaptureFixture
) -> None:
    assert receive(inbound(sent, "half a sign: \ud800")) is None
    told = "A mail that can’t be read was dropped: UnicodeEncodeError"
    assert caplog.messages == [told]


@pytest.mark.parametrize(
    "head",
    [
        'Content-Type: text/plain; charset="no-such-charset"',
        "Content-Type: text/plain; charset=utf-16",
        "Content-Type: text/plain; charset*=x'y'%ff",
        "Content-Type: nonsense",
        "Content-Type: text/plain\nContent-Transfer-Encoding: base64",
        "Subject: =?no-such-charset?b?!!!?= =?utf-8?q?=ff?=",
        "Message-ID: <<[[[@@]]>>",
        'To: "unfinished <x@y>, ,;: @@\nDate: never',
        "Content-Disposition: attachment; filename*=no-such'%%%",
        "MIME-Version: 1.0\nContent-Type: multipart/mixed",
    ],
)
def test_a_malformed_mail_is_kept_as_well_as_it_can_be(sent: Message, head: str) -> None:
    answer = receive(raw(sent, f"From: Ana <ana@calder.example>\nCc: REPLY\n{head}\n\nHello Mia"))
    assert answer.address == ANA


def test_a_mail_of_thousands_of_parts_ends(sent: Message) -> None:
    nested = "".join(
        f'Content-Type: multipart/mixed; boundary="b{n}"\n\n--b{n}\n' for n in range(1_500)
    )
    start = time.monotonic()
    post("inbound", raw(sent, f"From: ana@calder.example\nTo: REPLY\n{nested}\nHello"))
    wide = "--b\nContent-Type: text/plain\n\nHello\n" * 2_000
    told = f'From: a@x.example\nTo: REPLY\nContent-Type: multipart/mixed; boundary="b"\n\n{wide}'
    receive(raw(sent, told))
    assert time.monotonic() - start < 30


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


def test_a_reply_address_survives_capitals(sent: Message) -> None:
    told = inbound(sent, OriginalRecipient=reply_address(sent).upper(), ToFull=[])
    assert receive(told).in_reply_to == sent
