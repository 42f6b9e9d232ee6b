"""Sharing a contact by mail: what leaves, to whom, and nothing else."""

import json
import threading
from typing import Any

import pytest
import segno
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils.html import strip_tags
from uuid_utils.compat import uuid7

from accounts.models import User
from activity.models import ActivityEvent
from contacts import vcard
from contacts.forms.sharing import AddressesField
from contacts.models import Contact, Delivery, Link, Message, Share
from tests.builders import make_comment, make_contact, make_user

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
OWN = "amara@calder.example"
OTHER = "facilities@wren.example"


@pytest.fixture
def max_(client: Client) -> User:
    max_ = make_user(name="Max")
    client.force_login(max_)
    return max_


@pytest.fixture
def amara() -> Contact:
    return make_contact(
        given_name="Amara",
        family_name="Okonkwo",
        organisation="Calder & Wren",
        job_title="Head of Operations",
        emails=[OWN, "second@calder.example"],
        phones=["+442079460142"],
        street="1 Quay Street",
        city="London",
        tags=["Key account"],
        notes="Prefers mornings.",
    )


def share(client: Client, contact: Contact, headers: Any = None, **data: Any) -> Any:
    sent = {"id": str(uuid7()), "to": OTHER, "fields": ["emails", "phones"]} | data
    return client.post(reverse("contact_shares", args=[contact.pk]), sent, headers=headers)


def preview(client: Client, contact: Contact, **data: Any) -> Any:
    sent = {"id": str(uuid7()), "to": OTHER, "fields": ["emails", "phones"]} | data
    path = reverse("contact_shares_preview", args=[contact.pk])
    return client.post(path, sent, headers=HTMX)


def text(answer: Any) -> str:
    return " ".join(strip_tags(answer.content.decode()).split())


def verbs(contact: Contact) -> list[str]:
    events = ActivityEvent.objects.filter(contact_id=contact.pk).order_by("id")
    return [event.verb for event in events]


def attached(contact: Contact, name: str = "Plan.pdf", content: bytes = b"%PDF") -> Any:
    author = User.objects.first()
    message = Message.send(
        contact, author=author, body="See attached", address=contact.email,
        files=[SimpleUploadedFile(name, content, "application/pdf")],
    )  # fmt: skip
    return message.attachments.get()


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


def test_several_addresses_get_one_mail_each_and_do_not_see_each_other(
    client: Client, max_: User, amara: Contact
) -> None:
    share(client, amara, to=f"{OWN}, {OTHER} third@x.example")
    deliveries = Delivery.objects.all()
    assert {each.recipient for each in deliveries} == {OWN, OTHER, "third@x.example"}
    for each in deliveries:
        rest = {OTHER, "third@x.example"} - {each.recipient}
        assert not any(other in each.text + each.html + each.subject for other in rest)
    assert Share.objects.get().recipients == [OWN, OTHER, "third@x.example"]
    # Only the contact itself is told how to stop mail about it.
    assert [each.recipient for each in deliveries if "List-Unsubscribe" in each.headers] == [OWN]


def test_one_invalid_address_sends_nothing_and_keeps_all_that_was_typed(
    client: Client, max_: User, amara: Contact
) -> None:
    typed = f"{OTHER}, jane at x.example"
    answer = share(client, amara, to=[OWN, typed], note="Keep me", headers=HTMX)
    assert answer.status_code == 422
    assert "“jane” is not an email address." in text(answer)
    assert f'value="{typed}"' in answer.content.decode()
    assert "Keep me" in text(answer)
    assert not Delivery.objects.exists()
    assert not Share.objects.exists()


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ({"to": ""}, "Say who gets it."),
        ({"fields": []}, "Choose what to send: a detail, a text or a file."),
        ({"fields": [], "note": "\u200b \u2060"}, "Choose what to send"),
        ({"fields": ["nonsense"]}, "is not one of the available choices"),
        ({"to": " ".join(f"{n}@x.example" for n in range(21))}, "can go to 20"),
        ({"to": "x" * 6000}, "too many addresses"),
        ({"note": "x" * 20_001}, "a text can have 20000"),
        ({"link_days": "100000"}, "not one of the available choices"),
        ({"id": "none"}, "valid UUID"),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_reason(
    client: Client, max_: User, amara: Contact, data: dict[str, Any], says: str
) -> None:
    answer = share(client, amara, **data)
    assert answer.status_code == 422
    assert says in text(answer)
    assert not Delivery.objects.exists()


def test_a_text_alone_can_be_sent(client: Client, max_: User, amara: Contact) -> None:
    share(client, amara, fields=[], note="The gate code has changed.", with_card="on")
    delivery = Delivery.objects.get()
    assert "The gate code has changed." in delivery.text
    assert delivery.subject == "Information from Max"
    assert delivery.attachments == []


def test_files_of_the_timeline_go_along(client: Client, max_: User, amara: Contact) -> None:
    file = attached(amara)
    assert "Plan.pdf" in text(client.get(reverse("contact_shares_dialog", args=[amara.pk])))
    share(client, amara, files=[str(file.pk)])
    delivery = Delivery.objects.get(share__isnull=False)
    assert [each["name"] for each in delivery.attachments] == ["Plan.pdf"]
    assert "Plan.pdf" in delivery.text


def test_a_file_of_another_contact_stays_there(client: Client, max_: User, amara: Contact) -> None:
    file = attached(make_contact(given_name="Else", emails=["else@x.example"]))
    assert share(client, amara, files=[str(file.pk)]).status_code == 422
    assert not Share.objects.exists()


def test_files_that_no_mail_can_carry_are_refused(
    client: Client, max_: User, amara: Contact, settings: Any
) -> None:
    file = attached(amara)
    settings.MESSAGE_MAX_BYTES = 3
    answer = share(client, amara, files=[str(file.pk)])
    assert (answer.status_code, "a mail can carry" in text(answer)) == (422, True)


def test_a_comment_is_nothing_that_can_be_shared(
    client: Client, max_: User, amara: Contact
) -> None:
    make_comment(amara, body="Difficult customer, be careful")
    page = client.get(reverse("contact_shares_dialog", args=[amara.pk]))
    assert "Difficult" not in page.content.decode()


def test_sent_twice_it_is_one(client: Client, max_: User, amara: Contact) -> None:
    pk = str(uuid7())
    seen = preview(client, amara, id=pk).context["previewed"]
    share(client, amara, id=pk, previewed=seen)
    again = share(client, amara, id=pk, previewed=seen)
    assert again.status_code == 303
    assert "It was sent already." in text(client.get(amara.get_absolute_url()))
    assert Delivery.objects.count() == Share.objects.count() == 1


def test_the_id_of_another_share_is_refused(client: Client, max_: User, amara: Contact) -> None:
    share(client, amara)
    other = make_contact(given_name="Else")
    answer = share(client, other, id=str(Share.objects.get().pk), fields=["name"])
    assert answer.status_code == 403
    assert Delivery.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_the_same_moment_send_one_mail() -> None:
    contact = make_contact(given_name="Amara", emails=[OWN])
    max_, pk = make_user(name="Max"), str(uuid7())
    start = threading.Barrier(2)
    codes: list[int] = []

    def press() -> None:
        client = Client()
        client.force_login(max_)
        start.wait()
        codes.append(share(client, contact, id=pk, fields=["name"]).status_code)
        connection.close()

    threads = [threading.Thread(target=press) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert codes == [303, 303]
    assert Delivery.objects.count() == 1


class TestBlocked:
    def test_an_archived_contact_is_restored_first(
        self, client: Client, max_: User, amara: Contact
    ) -> None:
        amara.archive()
        answer = share(client, amara, note="Keep me", headers=HTMX)
        assert answer.status_code == 409
        assert "nothing leaves until this contact is restored" in text(answer)
        assert "Keep me" in text(answer)
        assert not Share.objects.exists()
        restored = share(client, amara, note="Keep me", first="restore", headers=HTMX)
        assert "Keep me" in text(restored)
        amara.refresh_from_db()
        assert not amara.is_archived
        assert share(client, amara).status_code == 303

    def test_mail_to_the_own_address_of_somebody_who_wants_none_is_refused(
        self, client: Client, max_: User, amara: Contact
    ) -> None:
        amara.opt_out(source="team", reason="Asked")
        page = client.get(reverse("contact_shares_dialog", args=[amara.pk]))
        assert "asked not to be contacted" in text(page)
        assert "checked disabled" not in page.content.decode()
        answer = share(client, amara, to=OWN, note="Keep me", headers=HTMX)
        assert answer.status_code == 409
        assert "Keep me" in text(answer)
        assert not Delivery.objects.exists()
        assert share(client, amara, to=OTHER).status_code == 303

    def test_none_of_several_leaves_where_one_wants_none(
        self, client: Client, max_: User, amara: Contact
    ) -> None:
        amara.opt_out(source="team")
        assert share(client, amara, to=f"{OTHER} {OWN}").status_code == 409
        assert not Delivery.objects.exists()

    def test_the_way_out_is_one_press_and_keeps_the_text(
        self, client: Client, max_: User, amara: Contact
    ) -> None:
        amara.opt_out(source="team")
        answer = share(client, amara, to=OWN, note="Keep me", first="opt_in", headers=HTMX)
        assert (answer.status_code, "Keep me" in text(answer)) == (200, True)
        assert verbs(amara)[-1] == "contact.opted_in"
        assert share(client, amara, to=OWN).status_code == 303

    def test_without_scripts_the_way_out_is_the_same(
        self, client: Client, max_: User, amara: Contact
    ) -> None:
        amara.archive()
        page = share(client, amara, to=OWN, note="Keep me", first="restore")
        assert (page.status_code, "Keep me" in text(page)) == (200, True)
        assert "<html" in page.content.decode()
        assert verbs(amara)[-1] == "contact.restored"

    def test_an_unknown_way_out_is_refused(
        self, client: Client, max_: User, amara: Contact
    ) -> None:
        assert share(client, amara, first="delete").status_code == 403

    def test_of_a_contact_deleted_meanwhile_the_text_can_be_copied(
        self, client: Client, max_: User, amara: Contact
    ) -> None:
        pk = amara.pk
        amara.delete()
        amara.pk = pk
        answer = share(client, amara, note="Keep me", headers=HTMX)
        assert (answer.status_code, "Keep me" in text(answer)) == (410, True)
        assert client.get(reverse("contact_shares", args=[pk])).status_code == 410


class TestRow:
    @pytest.fixture
    def sent(self, client: Client, max_: User, amara: Contact) -> Share:
        share(client, amara, to=f"{OWN}, {OTHER}", link_days="7", with_card="on")
        return Share.objects.get()

    def row(self, client: Client, sent: Share, **query: str) -> Any:
        return client.get(reverse("share_row", args=[sent.pk]), query, headers=HTMX)

    def test_says_what_went_where_and_asks_again_while_it_is_on_its_way(
        self, client: Client, sent: Share
    ) -> None:
        row = self.row(client, sent)
        for words in (OWN, OTHER, "Queued", "Email", "vCard", "Link until", "Take back link"):
            assert words in text(row)
        assert "every 2s" in row.content.decode()
        assert self.row(client, sent, seen=Share.for_timeline([sent.pk])[sent.pk].stamp
                        ).status_code == 204  # fmt: skip
        Delivery.objects.update(state="sent")
        assert "every 2s" not in self.row(client, sent).content.decode()

    def test_stands_on_the_contacts_page(self, client: Client, sent: Share, amara: Contact) -> None:
        page = text(client.get(amara.get_absolute_url()))
        assert f"Max shared this contact with {OWN}, {OTHER}" in page

    def test_what_failed_says_why_and_can_be_sent_again(
        self, client: Client, sent: Share, amara: Contact
    ) -> None:
        failed = Delivery.objects.get(recipient=OTHER)
        Delivery.objects.filter(pk=failed.pk).update(state="failed", error="No such mailbox.")
        row = self.row(client, sent)
        assert "No such mailbox." in text(row)
        assert "Send again" in text(row)
        amara.phones = ["+12022243441"]
        amara.save()
        path = reverse("share_resend", args=[sent.pk])
        assert client.post(path, {"address": OTHER}).status_code == 303
        again = Delivery.objects.filter(recipient=OTHER).order_by("-id")[0]
        # It is what was shared then, whatever has become of the contact.
        assert (again.text, again.attachments) == (failed.text, failed.attachments)
        assert verbs(amara)[-1] == "share.resent"
        client.post(path, {"address": OTHER})
        client.post(path, {"address": "stranger@x.example"})
        assert Delivery.objects.count() == 3

    def test_is_not_sent_again_while_the_contact_is_archived(
        self, client: Client, sent: Share, amara: Contact
    ) -> None:
        Delivery.objects.update(state="failed")
        Contact.objects.get(pk=amara.pk).archive()
        path = reverse("share_resend", args=[sent.pk])
        answer = client.post(path, {"address": OTHER}, headers=HTMX)
        assert answer.status_code == 409
        assert "is archived" in answer.headers["HX-Trigger"]
        assert "Send again" not in text(self.row(client, sent))
        assert Delivery.objects.count() == 2

    def test_an_uncertain_mail_is_somebodys_decision(self, client: Client, sent: Share) -> None:
        Delivery.objects.update(state="uncertain")
        row = text(self.row(client, sent))
        assert "It arrived" in row
        assert "Send again" in row

    def test_the_link_is_taken_back_once(self, client: Client, sent: Share, amara: Contact) -> None:
        Link.make(share=sent, recipient=OTHER)
        path = reverse("share_revoke", args=[sent.pk])
        answer = client.post(path, {"newest": "0"}, headers=HTMX)
        assert "Link: Taken back" in text(answer)
        assert "took back a shared link" in text(answer)
        assert not Link.objects.exists()
        client.post(path)
        assert verbs(amara).count("share.revoked") == 1

    def test_a_resent_mail_of_a_closed_link_names_none(self, client: Client, sent: Share) -> None:
        client.post(reverse("share_revoke", args=[sent.pk]))
        Delivery.objects.update(state="failed")
        client.post(reverse("share_resend", args=[sent.pk]), {"address": OTHER})
        assert "/s/" not in Delivery.objects.order_by("-id")[0].text

    def test_of_no_share_is_404(self, client: Client, sent: Share) -> None:
        assert client.get(reverse("share_row", args=[uuid7()])).status_code == 404
        assert client.post(reverse("share_revoke", args=[uuid7()])).status_code == 404


ROLES = {"Vic": 403, "Mia": 403, "Max": None, "Ada": None}


@pytest.mark.parametrize("name", ROLES)
def test_managers_share_and_others_see_it(client: Client, amara: Contact, name: str) -> None:
    max_ = User.objects.filter(name="Max").first() or make_user(name="Max")
    manager = Client()
    manager.force_login(max_)
    share(manager, amara, link_days="7")
    sent = Share.objects.get()
    client.force_login(max_ if name == "Max" else make_user(name=name))
    refused = ROLES[name]
    assert client.get(reverse("share_row", args=[sent.pk])).status_code == 200
    page = client.get(amara.get_absolute_url())
    assert ("Share via" in text(page)) == (refused is None)
    assert ("Take back link" in text(page)) == (refused is None)
    assert client.get(reverse("contact_disclosures", args=[amara.pk])).status_code == 200
    export = client.get(reverse("contact_disclosures_export", args=[amara.pk]))
    assert export.status_code == (refused or 200)
    assert share(client, amara).status_code == (refused or 303)
    assert preview(client, amara).status_code == (refused or 200)
    for path in ("contact_shares", "contact_shares_dialog"):
        assert client.get(reverse(path, args=[amara.pk])).status_code == (refused or 200)
    for path in ("share_resend", "share_revoke"):
        assert client.post(reverse(path, args=[sent.pk])).status_code == (refused or 303)


def test_the_menu_offers_every_way_to_share(client: Client, max_: User, amara: Contact) -> None:
    page = client.get(amara.get_absolute_url())
    for words in ("Email…", "Copy details", "Download vCard", "QR code", "Other apps"):
        assert words in text(page)
    assert "Email: amara@calder.example, second@calder.example" in page.content.decode()


def test_the_qr_code_is_that_of_the_card_without_tags_and_notes(
    client: Client, max_: User, amara: Contact
) -> None:
    """Drawn as segno draws it; no reader of QR codes is at hand to read it back."""
    page = client.get(reverse("contact_qr_dialog", args=[amara.pk]), headers=HTMX).content.decode()
    amara.tags, amara.notes, amara.last_activity_at = [], "", None
    code = segno.make(vcard.write(amara), error="m", micro=False, encoding="utf-8")
    drawn = code.svg_inline(omitsize=True, dark="#000", light="#fff", svgclass=None, lineclass=None)
    assert drawn in page
    assert "style=" not in page
    assert client.get(reverse("contact_qr", args=[amara.pk])).status_code == 200


def test_too_much_for_a_qr_code_says_so(client: Client, max_: User) -> None:
    long = dict.fromkeys(("organisation", "job_title", "street"), "é" * 200)
    contact = make_contact(given_name="é" * 120, website="https://x.example/" + "é" * 400, **long)
    page = client.get(reverse("contact_qr", args=[contact.pk]))
    assert "too long for a QR code" in text(page)
