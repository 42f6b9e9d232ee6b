"""vCards: what others wrote is read, what we write can be read by others."""

import io
import json
import re
import time
import unicodedata
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from contacts import vcard
from contacts.importing.cleaning import BadRecord, contact_values
from contacts.importing.inspection import inspect
from contacts.models import Contact
from tests.builders import make_contact, make_user

FIELDS = (
    "honorific", "given_name", "middle_name", "family_name", "suffix", "organisation", "job_title",
    "street", "postal_code", "city", "region", "country",
)  # fmt: skip


def read(text: str) -> list[Any]:
    """Return for each card the contact's fields, or (line, reason)."""
    file = io.BytesIO(text.encode())
    found: list[Any] = []
    for record in inspect(file).records(file):
        try:
            found.append({k: v for k, v in contact_values(record).items() if v})
        except BadRecord as bad:
            found.append((record.line, bad.reason))
    return found


def card(*lines: str, version: str = "3.0") -> str:
    return "\r\n".join(["BEGIN:VCARD", f"VERSION:{version}", *lines, "END:VCARD", ""])


@pytest.mark.parametrize(
    "line",
    [
        f"TEL;PREF={'9' * 5_000}:+12025550143",
        "NOTE;ENCODING=QUOTED-PRINTABLE;CHARSET=undefined:=41",
        "NOTE;ENCODING=QUOTED-PRINTABLE;CHARSET=idna:=FF",
        "NOTE;ENCODING=QUOTED-PRINTABLE;CHARSET=unicode_escape:=5Cud800",
        "CATEGORIES;ENCODING=QUOTED-PRINTABLE;CHARSET=utf-7:+2AA-",
        "NOTE;ENCODING=QUOTED-PRINTABLE:a=00b",
    ],
    ids=["rank", "no charset", "strict charset", "half a pair", "half a pair in UTF-7", "NUL"],
)
def test_whatever_a_line_says_its_card_can_be_kept(line: str) -> None:
    [found] = read(card("FN:Ann Bee", line))
    assert found["given_name"] == "Ann"
    kept = json.dumps(found, ensure_ascii=False)
    assert "\\u0000" not in kept
    assert kept.encode()


def test_a_card_of_version_4_is_read() -> None:
    [found] = read(
        card(
            "FN:Dr. Zoë O'Brien",
            "N:O'Brien;Zoë;Ann,Bea;Dr.;Jr.",
            'TEL;VALUE=uri;PREF=2;TYPE="voice,home":tel:+1-202-555-0143;ext=55',
            "TEL;VALUE=uri;PREF=1:tel:+44-20-7946-0018",
            "item1.EMAIL:second@b.example",
            "EMAIL;PREF=1:First@b.example",
            "ORG:ACME\\, Inc.;Sales",
            'ADR;LABEL="1 Main\\nSt: x;y":;Suite 2;1 Main St;Town;WA;123;US',
            "CATEGORIES:red,green",
            "NOTE:Plain, comma\\nsecond li",
            " ne",
            "URL:https://x.example/?a=1;b=2",
            "PHOTO:data:image/png;base64,AAAA",
            version="4.0",
        )
    )
    assert found == {
        "honorific": "Dr.", "given_name": "Zoë", "middle_name": "Ann Bea", "family_name": "O'Brien",
        "suffix": "Jr.", "phones": ["+442079460018", "+12025550143;ext=55"],
        "emails": ["first@b.example", "second@b.example"], "organisation": "ACME, Inc.",
        "street": "Suite 2, 1 Main St", "city": "Town", "region": "WA", "postal_code": "123",
        "country": "US", "tags": ["red", "green"], "notes": "Plain, comma\nsecond line",
        "website": "https://x.example/?a=1;b=2",
    }  # fmt: skip


def test_a_card_of_version_2_1_in_quoted_printable_is_read() -> None:
    [found] = read(
        card(
            "N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:M=C3=BCller;J=C3=",
            "=BCrgen;;;",
            "TEL;CELL;PREF:+49 170 1234567",
            "NOTE;QUOTED-PRINTABLE;CHARSET=nonsense:caf=E9",
            version="2.1",
        )
    )
    assert found == {
        "given_name": "Jürgen",
        "family_name": "Müller",
        "phones": ["+491701234567"],
        "notes": "café",
    }


def test_a_fax_comes_after_the_phones() -> None:
    [found] = read(card("FN:A B", "TEL;TYPE=fax:+442079460019", "TEL:+442079460018"))
    assert found["phones"] == ["+442079460018", "+442079460019"]


@pytest.mark.parametrize(
    ("lines", "kept"),
    [
        (["FN:Calder & Wren", "ORG:Calder & Wren"], {"organisation": "Calder & Wren"}),
        (["FN:a@b.example", "EMAIL:a@b.example"], {"emails": ["a@b.example"]}),
        (["FN:+1 202-224-3441", "TEL:+12022243441"], {"phones": ["+12022243441"]}),
    ],
)
def test_a_name_that_only_repeats_something_else_is_no_name(lines: list[str], kept: Any) -> None:
    assert read(card(*lines)) == [kept]


def test_a_bad_card_fails_alone_and_says_where_it_begins() -> None:
    good = card("FN:Good One")
    text = good + card("FN:x", "this is junk") + "BEGIN:VCARD\r\nFN:y\r\n" + good
    text += card("FN:Team", "KIND:group") + "BEGIN:VCARD\r\nFN:z\r\n"
    assert [found if isinstance(found, tuple) else "fine" for found in read(text)] == [
        "fine",
        (5, "Line 8 cannot be read."),
        (10, "The card has no end."),
        "fine",
        (16, "This card is a group of contacts."),
        (21, "The card has no end."),
    ]


def test_a_card_of_endless_lines_is_refused() -> None:
    [(line, reason)] = read(card(*["EMAIL:a@b.example"] * 1_100))
    assert (line, reason) == (1, "The card has more than 1000 lines.")


@pytest.mark.parametrize(
    "line",
    [
        "TEL;TYPE=" + "a," * 40_000,
        "a" * 90_000,
        "X;" * 45_000,
        'X;"' * 30_000,
        "NOTE:" + "\\" * 90_001,
        "N:" + ";" * 90_000,
    ],
)
def test_no_line_takes_long(line: str) -> None:
    started = time.process_time()
    read(card("FN:A B", line))
    assert time.process_time() - started < 2


def test_a_photo_of_megabytes_is_passed_over() -> None:
    photo = "PHOTO;ENCODING=b:" + "A" * 3_000_000
    folded = ["PHOTO;ENCODING=b:A", *[" " + "A" * 74] * 20_000]
    assert [found["family_name"] for found in read(card("FN:A B", photo, *folded))] == ["B"]


# What people can have typed: no control characters, no spaces at the ends.
texts = st.text(
    st.characters(blacklist_categories=["C", "Z"], whitelist_characters=" "), max_size=60
).map(lambda text: " ".join(unicodedata.normalize("NFC", text).split()))
emails = st.from_regex(r"[a-z0-9]{1,8}\.[a-z]{1,8}@[a-z]{1,9}\.example", fullmatch=True)
notes = st.lists(texts, max_size=4).map(lambda lines: "\n".join(lines).strip())
tags = st.lists(texts.map(lambda text: text.replace(",", "")[:50].strip()), max_size=5)


@given(
    st.fixed_dictionaries(dict.fromkeys(FIELDS, texts)),
    st.lists(emails, min_size=1, max_size=3, unique=True),
    st.lists(
        st.sampled_from(["+442079460018", "+12022243441;ext=5", "+491701234567"]), unique=True
    ),
    tags,
    notes,
)
def test_what_is_written_is_read_again(
    lines: dict[str, str], emails: list[str], phones: list[str], tags: list[str], notes: str
) -> None:
    known = {tag.casefold(): tag for tag in reversed(tags) if tag}
    tags = [tag for tag in dict.fromkeys(tags) if tag and known.get(tag.casefold()) == tag]
    contact = Contact(**lines, emails=emails, phones=phones, tags=tags, notes=notes)
    written = vcard.write(contact)
    assert all(len(line.encode()) <= 75 for line in written.split("\r\n"))
    assert "\n" not in written.replace("\r\n", "")
    [found] = read(written)
    expected = {**lines, "emails": emails, "phones": phones, "tags": tags, "notes": notes}
    if not any(lines[name] for name in ("given_name", "family_name")):
        expected |= {"given_name": "", "family_name": ""}
    assert found == {name: value for name, value in expected.items() if value}


def test_the_first_email_and_phone_are_the_preferred_ones() -> None:
    contact = Contact(
        emails=["a@b.example", "c@d.example"], phones=["+442079460018", "extension 5"]
    )
    written = vcard.write(contact)
    assert "EMAIL;PREF=1:a@b.example\r\nEMAIL:c@d.example\r\n" in written
    assert "TEL;PREF=1;VALUE=uri:tel:+442079460018\r\nTEL:extension 5\r\n" in written


def test_the_card_begins_as_the_standard_says() -> None:
    moment = timezone.now().replace(2026, 11, 3, 14, 2, 9)
    contact = Contact(family_name="Lee; Ann, B\\c", last_activity_at=moment)
    lines = vcard.write(contact).split("\r\n")
    assert lines[:5] == [
        "BEGIN:VCARD",
        "VERSION:4.0",
        f"UID:urn:uuid:{contact.pk}",
        "REV:20261103T140209Z",
        "FN:Lee\\; Ann\\, B\\\\c",
    ]
    assert lines[-2:] == ["END:VCARD", ""]


def test_a_text_cannot_smuggle_a_line_in() -> None:
    lines = vcard.write(Contact(family_name="Lee", notes="x\r\nTEL:1\rTEL:2\nTEL:3")).split("\r\n")
    assert not [line for line in lines if line.startswith("TEL")]


@pytest.mark.django_db
class TestDownload:
    def test_a_viewer_downloads_a_card_under_the_contacts_name(self, client: Client) -> None:
        client.force_login(make_user(name="Vic"))
        contact = make_contact(given_name="Zoë", family_name='Mü"ller/../x')
        response = client.get(f"/contacts/{contact.pk}/card.vcf")
        assert response.headers["Content-Type"] == "text/vcard; charset=utf-8"
        disposition = response.headers["Content-Disposition"]
        assert re.fullmatch(
            r"attachment; filename\*=utf-8''Zo%C3%AB%20M%C3%BC[\w.%-]+\.vcf", disposition
        )
        assert "/" not in disposition.partition("''")[2]
        assert response.content.decode() == vcard.write(Contact.objects.get())

    def test_a_stranger_is_asked_to_sign_in(self, client: Client) -> None:
        assert client.get(f"/contacts/{make_contact().pk}/card.vcf").status_code == 302

    def test_somebody_without_a_role_gets_nothing(self, client: Client) -> None:
        nobody = make_user(name="Nora")
        nobody.groups.clear()
        client.force_login(nobody)
        assert client.get(f"/contacts/{make_contact().pk}/card.vcf").status_code == 403

    def test_of_a_deleted_contact_the_receipt_is_left(self, client: Client) -> None:
        client.force_login(make_user(name="Max"))
        contact = make_contact()
        contact.delete()
        assert client.get(f"/contacts/{contact.pk}/card.vcf").status_code == 410
