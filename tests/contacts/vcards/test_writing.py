"""Writing vCards: what is written is read again, by anybody."""

import re
import unicodedata

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from contacts import vcard
from contacts.models import Contact
from tests.builders import make_contact, make_user
from tests.contacts.vcards.cards import FIELDS, read

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
