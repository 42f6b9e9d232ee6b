"""Reading vCards: of any version, however badly written."""

import json
import time
from typing import Any

import pytest

from tests.contacts.vcards.cards import card, read


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
