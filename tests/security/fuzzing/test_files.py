"""Files and mails that a program makes up are read, or refused in words."""

import email
import io
from email import policy

from hypothesis import given
from hypothesis import strategies as st

from contacts.importing.cleaning import BadRecord, contact_values
from contacts.importing.inspection import inspect
from contacts.importing.text import UnreadableFile
from contacts.incoming_mail import LONGEST_TEXT, IncomingMail
from tests.security.fuzzing.examples import fuzzed

CSV = [
    ",",
    ";",
    "\t",
    '"',
    "\n",
    "\r\n",
    "\r",
    "a",
    "Name",
    "Email",
    "@",
    "x@y.z",
    "\x00",
    "=",
    " ",
]
CARD = [
    *("BEGIN:VCARD\n", "END:VCARD\n", "VERSION:3.0\n", "N:", "FN:", "EMAIL;TYPE=", "TEL:", ";"),
    *(
        "\n ",
        "=\n",
        "=3D",
        ";ENCODING=QUOTED-PRINTABLE:",
        ";CHARSET=utf-8",
        ";CHARSET=undefined",
        ";PREF=",
        "\\n",
        "\\",
        '"',
        "a",
    ),
    *("NOTE:", ":", "\n", "item1.", "PHOTO;ENCODING=b:", "AAAA", "ORG:", "ADR:;;", "CATEGORIES:"),
]
files = (
    st.binary(max_size=400)
    | st.lists(st.sampled_from(CSV), max_size=80).map("".join).map(str.encode)
    | st.lists(st.sampled_from(CARD), max_size=60).map("".join).map(str.encode)
    | st.lists(st.sampled_from(CARD), max_size=40).map(
        lambda parts: "".join(parts).encode("utf-16")
    )
)


@fuzzed
@given(files)
def test_a_file_is_read_or_refused_in_words(content: bytes) -> None:
    file = io.BytesIO(content)
    try:
        layout = inspect(file)
        file.seek(0)
        records = list(layout.records(file))
    except UnreadableFile as problem:
        assert str(problem)
        return
    for each in records:
        try:
            contact_values(each)
        except BadRecord as problem:
            assert problem.reason


MAIL = [
    *(
        "From: ",
        "To: ",
        "Subject: ",
        "Content-Type: ",
        "text/plain",
        "text/html",
        "multipart/mixed",
    ),
    *("; boundary=x", '; charset="utf-8"', "; charset=nonsense", "\r\n", "\n", "\n\n", "--x\n"),
    *(
        "--x--\n",
        "Content-Transfer-Encoding: ",
        "base64",
        "quoted-printable",
        "=?utf-8?q?=00?=",
        "a",
    ),
    *("=?x?b?AAA?=", "Content-Disposition: attachment; filename=", "message/rfc822", "> ", "<b>"),
    *("Message-ID: <a@b>", "Auto-Submitted: auto", "\x00", "\xff", "On Monday X wrote:\n", "é"),
]
mails = st.binary(max_size=300) | st.lists(st.sampled_from(MAIL), max_size=50).map("".join).map(
    lambda text: text.encode("utf-8", "surrogateescape")
)


@fuzzed
@given(mails)
def test_a_mail_that_comes_in_is_always_a_text(content: bytes) -> None:
    for rules in (policy.default, policy.compat32):
        mail = IncomingMail(email.message_from_bytes(content, policy=rules))
        told = [mail.body, mail.quoted, mail.subject, mail.mail_id, mail.envelope_recipient]
        assert len(mail.body) <= LONGEST_TEXT
        assert "\x00" not in "".join(told)
        "".join(told).encode()
        assert mail.is_automatic in {True, False}
        assert all(file.name.isprintable() for file in mail.files)
