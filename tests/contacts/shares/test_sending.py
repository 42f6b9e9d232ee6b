"""Sending a share: what is refused with a reason, and that one form sends one."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from uuid_utils.compat import uuid7

from accounts.models import User
from contacts.models import Contact, Delivery, Message, Share
from tests.builders import make_comment, make_contact, make_user
from tests.contacts.shares.sharing import HTMX, OTHER, OWN, preview, share, text
from tests.threads import at_once

pytestmark = pytest.mark.django_db


def attached(contact: Contact, name: str = "Plan.pdf", content: bytes = b"%PDF") -> Any:
    author = User.objects.first()
    message = Message.send(
        contact, author=author, body="See attached", address=contact.email,
        files=[SimpleUploadedFile(name, content, "application/pdf")],
    )  # fmt: skip
    return message.attachments.get()


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

    def press() -> int:
        client = Client()
        client.force_login(max_)
        return share(client, contact, id=pk, fields=["name"]).status_code

    assert at_once(press, press) == [303, 303]
    assert Delivery.objects.count() == 1
