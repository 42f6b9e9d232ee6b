"""What leaves of a contact, and to whom: what was previewed, and nothing else."""

import json

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import strip_tags
from uuid_utils.compat import uuid7

from accounts.models import User
from contacts.forms.sharing import AddressesField
from contacts.models import Contact, Delivery, Share
from tests.builders import make_contact
from tests.contacts.shares.sharing import HTMX, OTHER, OWN, preview, share, text, verbs

pytestmark = pytest.mark.django_db


class TestAddresses:
    @pytest.mark.parametrize(
        ("typed", "read"),
        [
            (["a@x.example"], ["a@x.example"]),
            (["a@x.example", "b@x.example"], ["a@x.example", "b@x.example"]),
            (["a@x.example, b@x.example;c@x.example d@x.example\ne@x.example"],
             [f"{letter}@x.example" for letter in "abcde"]),
            (['"Doe, Jane" <Jane@X.example>, Bob <bob@x.example>'],
             ["jane@x.example", "bob@x.example"]),
            (["a@x.example b@x.example <c@x.example>"],
             ["a@x.example", "b@x.example", "c@x.example"]),
            (["A@x.example", " a@X.EXAMPLE "], ["a@x.example"]),
        ],
    )  # fmt: skip
    def test_are_read_however_they_are_written(self, typed: list[str], read: list[str]) -> None:
        assert AddressesField().clean(typed) == read

    def test_a_long_text_of_words_takes_no_time(self) -> None:
        with pytest.raises(Exception, match="is not an email"):
            AddressesField().clean(["x " * 2_400])


def test_max_sends_a_contact_its_own_details_with_one_click(
    client: Client, max_: User, amara: Contact
) -> None:
    """What the first view of the dialog holds is what leaves."""
    page = client.get(reverse("contact_shares_dialog", args=[amara.pk]), headers=HTMX)
    content = page.content.decode()
    assert f'name="to" value="{OWN}" checked' in content
    assert "Send to amara@calder.example" in text(page)
    assert "Your contact details at Annals" in content
    assert "Prefers mornings." not in page.context["kinds"][0]["letter"].text
    form = page.context["form"]
    data = {name: form.data.getlist(name) for name in form.data}
    answer = client.post(
        reverse("contact_shares", args=[amara.pk]),
        data | {"previewed": page.context["previewed"]},
    )
    assert answer.status_code == 303
    [delivery] = Delivery.objects.all()
    assert delivery.recipient == OWN
    assert "Phone: +44 20 7946 0142" in delivery.text
    assert delivery.headers["Reply-To"] == "max@annals.example"
    assert "List-Unsubscribe" in delivery.headers
    assert verbs(amara) == ["contact.created", "share.sent"]


def test_to_somebody_else_the_personal_fields_are_named(
    client: Client, max_: User, amara: Contact
) -> None:
    answer = preview(client, amara)
    assert f"You are sending Amara Okonkwo’s email and phone to {OTHER}." in text(answer)
    assert "You are sending" not in text(preview(client, amara, to=OWN))


def test_the_preview_is_what_leaves(client: Client, max_: User, amara: Contact) -> None:
    data = {"note": "For the tender", "with_card": "on", "id": str(uuid7())}
    seen = preview(client, amara, **data)
    share(client, amara, **data, previewed=seen.context["previewed"])
    [delivery] = Delivery.objects.all()
    content = seen.content.decode()
    assert strip_tags(delivery.subject) in content
    for line in filter(None, delivery.text.splitlines()):
        assert line.replace("'", "&#x27;") in content
    assert delivery.attachments[0]["text"].splitlines()[3] in content


def test_nothing_leaves_that_was_not_previewed(client: Client, max_: User, amara: Contact) -> None:
    seen = preview(client, amara).context["previewed"]
    amara.phones = ["+12022243441"]
    amara.save()
    answer = share(client, amara, previewed=seen, headers=HTMX)
    assert answer.status_code == 409
    assert "has changed since you saw it" in text(answer)
    assert "+1 202-224-3441" in text(answer)
    assert not Share.objects.exists()
    again = share(client, amara, previewed=answer.context["previewed"])
    assert again.status_code == 303


def test_a_form_that_was_shown_no_preview_sends_nothing(
    client: Client, max_: User, amara: Contact
) -> None:
    unready = preview(client, amara, to="")
    assert 'name="previewed" value="nothing"' in unready.content.decode()
    assert share(client, amara, previewed="nothing").status_code == 409
    assert not Delivery.objects.exists()


def test_only_the_chosen_fields_leave(client: Client, max_: User, amara: Contact) -> None:
    share(client, amara, fields=["phones"], with_card="on", link_days="7")
    [delivery] = Delivery.objects.all()
    card = delivery.attachments[0]
    everything = json.dumps(
        [delivery.subject, delivery.text, delivery.html, delivery.attachments, delivery.headers]
    )
    for secret in ("Amara", "Okonkwo", "Calder", "Quay", "mornings", "Key account", OWN):
        assert secret not in everything
    assert card["name"] == "+44 20 7946 0142.vcf"
    assert card["text"].splitlines() == [
        "BEGIN:VCARD",
        "VERSION:4.0",
        f"UID:urn:uuid:{amara.pk}",
        "FN:+44 20 7946 0142",
        "TEL;PREF=1;VALUE=uri:tel:+442079460142",
        "END:VCARD",
    ]
    assert [item["field"] for item in delivery.disclosed] == ["phones"]


def test_a_card_without_any_name_is_called_contact(
    client: Client, max_: User, amara: Contact
) -> None:
    share(client, amara, fields=["tags"], with_card="on")
    card = Delivery.objects.get().attachments[0]
    assert card["name"] == "contact.vcf"
    assert "FN:Contact\r\n" in card["text"]


def test_the_name_of_a_nameless_contact_is_not_its_email(client: Client, max_: User) -> None:
    contact = make_contact(emails=[OWN], phones=["+442079460142"])
    share(client, contact, fields=["name", "phones"])
    assert OWN not in Delivery.objects.get().text


def test_hostile_values_are_text_in_every_part(client: Client, max_: User) -> None:
    name = 'Zoë "<script>alert(1)</script>", Bcc: x'
    contact = make_contact(given_name=name, emails=[OWN], notes="a;b,c\\d\nTEL:666")
    note = "<img src=x onerror=alert(1)>\r\n{{ author }}"
    share(client, contact, fields=["name", "notes"], note=note, with_card="on")
    delivery = Delivery.objects.get()
    assert "<script>" not in delivery.html
    assert "<img" not in delivery.html
    assert "&lt;script&gt;" in delivery.html
    assert name in delivery.text
    assert "<img src=x onerror=alert(1)>\n{{ author }}" in delivery.text
    assert "\n" not in delivery.subject
    card = delivery.attachments[0]
    assert "NOTE:a\\;b\\,c\\\\d\\nTEL:666\r\n" in card["text"]
    assert all(len(line.encode()) <= 75 for line in card["text"].split("\r\n"))
    assert not set('<>":/\\\n') & set(card["name"])
    page = client.get(contact.get_absolute_url()).content.decode()
    assert "<img" not in page
    assert "<script>alert" not in page
