"""Messages that are not sent: what was typed is kept, and the way out is offered."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from contacts.models import Attachment, Contact, Delivery, Message
from tests.builders import make_contact, make_user
from tests.contacts.messages.writing import HTMX, file, leave, text, write

pytestmark = pytest.mark.django_db
both = pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "fragment"])
UNSEEN = [
    "",
    " ",
    "\n\t ",
    "\u200b",
    "\u200b\u200d \u2060\ufeff",
    "\u00a0\u2003",
    "\u202e",
    "\u3164\u2800",
]


@both
@pytest.mark.parametrize(
    "address", ["eve@evil.example", "nonsense", "ana@calder.example\nBcc: e@e.e"]
)
def test_another_address_is_refused_and_the_text_kept(client, mia, ana, headers, address) -> None:
    answer = write(client, ana, "Hello Ana", headers, subject="Dates", address=address)
    assert answer.status_code == 422
    assert "is not an address of Ana" in text(answer.content)
    assert "Hello Ana" in answer.content.decode()
    assert "Dates" in answer.content.decode()
    assert not Delivery.objects.exists()


@both
@pytest.mark.parametrize("body", UNSEEN)
def test_a_message_nobody_could_see_is_refused(client, mia, ana, headers, body) -> None:
    answer = write(client, ana, body, headers, subject="Dates", address="office@calder.example")
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Write something first." in page
    assert 'value="Dates"' in page
    assert '<option value="office@calder.example" selected>' in page
    assert ("<html" in page) == (not headers)
    assert not Message.objects.exists()


def test_only_emoji_is_something(client: Client, mia: User, ana: Contact) -> None:
    assert write(client, ana, "\U0001f469\u200d\U0001f680").status_code == 303


@both
def test_too_long_a_text_is_refused_and_kept(client, mia, ana, headers) -> None:
    answer = write(client, ana, "x" * 20_001, headers)
    assert answer.status_code == 422
    assert "20001 characters; a message can have 20000" in text(answer.content)
    assert "x" * 20_001 in answer.content.decode()
    answer = write(client, ana, "Hello Ana", headers, subject="y" * 201)
    assert answer.status_code == 422
    assert "201 characters; a subject can have 200" in text(answer.content)
    assert "y" * 201 in answer.content.decode()


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Dates\r\nBcc: eve@evil.example", "Dates Bcc: eve@evil.example"),
        ("Da\x00tes\x0b\u2028now", "Da tes now"),
        (" \u200b ", ""),
        ("Zoë’s “plan”, \U0001f6a2", "Zoë’s “plan”, \U0001f6a2"),
    ],
)
def test_a_subject_is_one_harmless_line(client, mia, ana, typed, kept) -> None:
    assert write(client, ana, subject=typed).status_code == 303
    assert Message.objects.get().subject == kept
    sent = leave()
    assert sent.subject == kept or not kept
    assert sent.to == ["ana@calder.example"]
    assert "\n" not in sent.subject


def test_a_body_with_a_nul_is_refused_and_not_a_crash(client, mia, ana) -> None:
    assert write(client, ana, "a\x00b").status_code == 422


@pytest.mark.parametrize("pk", ["", "nonsense", "123"])
def test_a_form_without_a_usable_id_is_refused_and_the_text_kept(client, mia, ana, pk) -> None:
    answer = write(client, ana, "Hello Ana", id=pk)
    assert answer.status_code == 422
    assert "Hello Ana" in answer.content.decode()


def test_files_go_along_under_harmless_names(client: Client, mia: User, ana: Contact) -> None:
    files = [file("../../etc/pass\u202ewd.txt", kind="text/plain"), file("b.pdf")]
    assert write(client, ana, attachments=files).status_code == 303
    assert [each.name for each in Attachment.objects.all()] == ["passwd.txt", "b.pdf"]
    assert [part.get_filename() for part in leave().attachments] == ["passwd.txt", "b.pdf"]
    assert "passwd.txt" in text(client.get(ana.get_absolute_url()).content)


@both
def test_files_beyond_the_limits_are_refused_with_a_reason(client, mia, ana, settings, headers):
    settings.MESSAGE_MAX_FILES = 2
    settings.MESSAGE_MAX_FILE_BYTES, settings.MESSAGE_MAX_BYTES = 2048, 3072
    told = {
        "3 files are too many; at most 2 can go together.": [file(), file(), file()],
        "“plan.pdf” is too large: a file can have 2.0 KB.": [file(size=3000)],
        "These files have 3.9 KB together; all of them can have 3.0 KB.": [
            file(size=2000),
            file(size=2000),
        ],
        "One of these files is empty.": [file(size=0)],
    }
    for sentence, files in told.items():
        answer = write(client, ana, "Hello Ana", headers, attachments=files)
        assert answer.status_code == 422
        assert sentence in text(answer.content).replace("\xa0", " ")
        assert "Hello Ana" in answer.content.decode()
    assert not Message.objects.exists()


def test_without_scripts_files_are_to_be_chosen_again(client, mia, ana) -> None:
    answer = write(client, ana, "", attachments=[file()])
    assert "Choose the files again" in text(answer.content)


def test_a_contact_without_an_address_is_led_to_the_form(client: Client, mia: User) -> None:
    bob = make_contact(given_name="Bob")
    page = client.get(f"{bob.get_absolute_url()}?compose=message")
    assert "Bob has no email address" in text(page.content)
    assert reverse("contact_edit", args=[bob.pk]) in page.content.decode()
    answer = write(client, bob, "Hello Bob")
    assert answer.status_code == 422
    assert "Add one to this contact first." in text(answer.content)
    assert "Hello Bob" in answer.content.decode()


@both
def test_to_an_archived_contact_nothing_leaves_and_the_way_out_is_offered(
    client, mia, ana, headers
) -> None:
    ana.archive()
    answer = write(client, ana, "Hello Ana", headers)
    assert answer.status_code == 409
    assert "Restore this contact first." in text(answer.content)
    assert reverse("contact_restore", args=[ana.pk]) in answer.content.decode()
    assert "Hello Ana" in answer.content.decode()
    assert not Message.objects.exists()


def test_restoring_leads_back_to_the_message(client: Client, mia: User, ana: Contact) -> None:
    ana.archive()
    page = client.get(f"{ana.get_absolute_url()}?compose=message").content.decode()
    assert "Ana is archived" in page
    assert 'name="body"' not in page
    answer = client.post(reverse("contact_restore", args=[ana.pk]), {"compose": "message"})
    assert answer.headers["Location"] == f"{ana.get_absolute_url()}?compose=message#composer"
    assert "Send to ana@calder.example" in text(client.get(answer.headers["Location"]).content)


@both
def test_to_somebody_who_wants_no_mail_nothing_leaves(client, mia, ana, headers) -> None:
    ana.opt_out(source="team", reason="Asked on the phone")
    answer = write(client, ana, "Hello Ana", headers)
    assert answer.status_code == 409
    assert "Ana asked not to be contacted" in text(answer.content)
    assert "Asked on the phone" in text(answer.content)
    assert reverse("contact_opt_in", args=[ana.pk]) in answer.content.decode()
    assert "Hello Ana" in answer.content.decode()
    assert not Message.objects.exists()


@both
def test_a_message_to_a_contact_deleted_meanwhile_can_be_copied(client, mia, ana, headers) -> None:
    other = Client()
    other.force_login(make_user(name="Max"))
    other.post(reverse("contact_delete", args=[ana.pk]), {"confirm": ana.name})
    answer = write(client, ana, "What I had to say", headers, subject="Dates")
    assert answer.status_code == 410
    assert "What I had to say" in answer.content.decode()
    assert "Dates" in answer.content.decode()
    assert "Max deleted this contact" in text(answer.content)
    assert ("<html" in answer.content.decode()) == (not headers)
