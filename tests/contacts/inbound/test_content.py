"""What is taken from a mail: its files and its text, whatever a mail program made of them."""

import time
from typing import Any

import pytest

from contacts.models import Message
from tests.contacts.inbound.receiving import receive
from tests.contacts.outbox import ANA
from tests.contacts.providers import file, inbound, post, raw

pytestmark = pytest.mark.django_db


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
        "Content-Disposition: attachment; filename*=undefined''a%41",
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
    start = time.process_time()
    post("inbound", raw(sent, f"From: ana@calder.example\nTo: REPLY\n{nested}\nHello"))
    wide = "--b\nContent-Type: text/plain\n\nHello\n" * 2_000
    told = f'From: a@x.example\nTo: REPLY\nContent-Type: multipart/mixed; boundary="b"\n\n{wide}'
    receive(raw(sent, told))
    assert time.process_time() - start < 30  # of work, however busy the machine is
