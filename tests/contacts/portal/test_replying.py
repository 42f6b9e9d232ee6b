"""Answering in the portal: what is refused, and what is kept."""

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import User
from activity.models import ActivityEvent
from contacts.models import Contact, Message
from tests.builders import make_contact, make_user
from tests.contacts.portal.visiting import HTMX, address, reply, text
from tests.contacts.portal_people import attach, write

pytestmark = pytest.mark.django_db


def test_a_reply_is_received_in_the_name_of_who_is_signed_in(
    client: Client, user: User, amara: Contact
) -> None:
    sent = reply(client, amara, "Works for us.\r\nThursday?")
    assert (sent.status_code, sent.url) == (303, address("conversation", amara))
    message = Message.objects.get()
    assert (message.body, message.via, message.incoming) == (
        "Works for us.\nThursday?", "portal", True
    )  # fmt: skip
    event = ActivityEvent.objects.get(verb="message.received")
    assert (event.actor_type, event.actor_id, event.who) == ("user", user.pk, "Amara Okonkwo")
    client.force_login(make_user(name="Vic"))
    page = text(client.get(amara.get_absolute_url()).content)
    assert "Amara Okonkwo replied" in page
    assert "Works for us." in page


@pytest.mark.parametrize("headers", [{}, HTMX])
@pytest.mark.parametrize("body", ["", "  \n ", "\u200b\u2060", "a\x00b", "x" * 20_001])
def test_what_cannot_be_sent_is_refused_and_kept(
    client: Client, user: User, amara: Contact, body: str, headers: dict[str, str]
) -> None:
    refused = reply(client, amara, body, **headers)
    assert refused.status_code == 422
    assert ("<html" in refused.content.decode()) == (not headers)
    assert 'role="alert"' in refused.content.decode()
    assert body.strip("\x00 \n")[:20_000] in refused.content.decode()
    assert not Message.objects.exists()


def test_the_same_form_sent_twice_is_one_message(
    client: Client, user: User, amara: Contact
) -> None:
    typed = {"id": str(uuid4()), "body": "Once"}
    for _time in range(2):
        assert client.post(address("reply", amara), typed).status_code == 303
    assert Message.objects.count() == 1
    assert ActivityEvent.objects.filter(verb="message.received").count() == 1


def test_a_form_with_the_id_of_another_message_is_refused_and_kept(
    client: Client, user: User, amara: Contact
) -> None:
    theirs = write(amara)
    typed = {"id": str(theirs.pk), "body": "Mine now"}
    refused = client.post(address("reply", amara), typed)
    assert refused.status_code == 422
    assert "Mine now" in refused.content.decode()
    theirs.refresh_from_db()
    assert theirs.body == "Here is the plan."


def test_htmx_gets_the_new_message_and_a_fresh_form(
    client: Client, user: User, amara: Contact
) -> None:
    write(amara)
    page = client.get("/portal/")
    first = page.context["stretch"].first.pk
    typed = {"id": str(uuid4()), "body": "Works for us.", "from": str(first)}
    sent = client.post(address("reply", amara), typed, headers=HTMX)
    fragment = sent.content.decode()
    assert "Works for us." in fragment
    assert "<html" not in fragment
    assert f'value="{typed["id"]}"' not in fragment
    assert "Sent" in sent.headers["HX-Trigger"]


def test_a_reply_may_carry_files_which_both_sides_can_save(
    client: Client, user: User, amara: Contact
) -> None:
    upload = SimpleUploadedFile("../../evil\x00.html", b"<script>alert(1)</script>", "text/html")
    assert reply(client, amara, "See here", [upload]).status_code == 303
    attachment = Message.objects.get().attachments.get()
    assert attachment.name == "evil.html"
    sent = client.get(address("file", amara, attachment))
    assert b"".join(sent.streaming_content) == b"<script>alert(1)</script>"
    assert sent.headers["Content-Disposition"].startswith('attachment; filename="evil.html"')
    assert sent.headers["X-Content-Type-Options"] == "nosniff"
    assert "evil.html" in text(client.get("/portal/").content)


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_flood_of_messages_is_stopped_and_the_text_kept(
    client: Client, user: User, amara: Contact, settings: Any, headers: dict[str, str]
) -> None:
    settings.PORTAL_MESSAGES_PER_MINUTE = 3
    for _time in range(3):
        assert reply(client, amara, "Again").status_code == 303
    stopped = reply(client, amara, "One too many", **headers)
    assert stopped.status_code == 429
    assert stopped.headers["Retry-After"] == "60"
    assert "Wait a minute" in stopped.content.decode()
    assert "One too many" in stopped.content.decode()
    assert Message.objects.count() == 3


def test_too_large_a_file_is_refused_and_the_text_kept(
    client: Client, user: User, amara: Contact, settings: Any
) -> None:
    settings.MESSAGE_MAX_FILE_BYTES = 10
    upload = SimpleUploadedFile("plan.pdf", b"x" * 11)
    refused = reply(client, amara, "See here", [upload])
    assert refused.status_code == 422
    assert "See here" in refused.content.decode()
    assert "Choose the files again" in refused.content.decode()
    assert not Message.objects.exists()


def test_a_file_that_is_no_longer_there_is_not_found(
    client: Client, user: User, amara: Contact
) -> None:
    attachment = attach(write(amara))
    Path(settings.ANNALS_VAR, "files", attachment.file.name).unlink()
    assert client.get(address("file", amara, attachment)).status_code == 404


def test_an_image_is_shown_to_whose_conversation_it_is_and_to_nobody_else(
    client: Client, user: User, amara: Contact
) -> None:
    kept = attach(write(amara), "desk.png", b"\x89PNG\r\n\x1a\n....")
    path = reverse("portal_image", args=[amara.pk, kept.pk])
    assert f'<img src="{path}"' in client.get("/portal/").content.decode()
    assert client.get(path).headers["Content-Type"] == "image/png"
    plan = attach(write(amara))
    assert client.get(reverse("portal_image", args=[amara.pk, plan.pk])).status_code == 404
    other = make_contact(given_name="Henrik", emails=["henrik@calder.example"])
    theirs = attach(write(other), "desk.png", b"\x89PNG\r\n\x1a\n....")
    for contact in (amara, other):
        stolen = reverse("portal_image", args=[contact.pk, theirs.pk])
        assert client.get(stolen).status_code in (403, 404)
