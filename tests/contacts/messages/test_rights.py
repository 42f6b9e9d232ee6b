"""Who writes messages, and who gets their files."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from uuid_utils.compat import uuid7

from accounts.models import User
from contacts.models import Attachment, Contact, Delivery, Message
from tests.builders import make_user
from tests.contacts.messages.writing import HTMX, file, leave, write

pytestmark = pytest.mark.django_db


def test_a_viewer_neither_writes_nor_is_offered_to(client: Client, ana: Contact) -> None:
    client.force_login(make_user(name="Vic"))
    assert write(client, ana).status_code == 403
    assert client.get(reverse("contact_compose", args=[ana.pk])).status_code == 403
    page = client.get(f"{ana.get_absolute_url()}?compose=message").content.decode()
    assert "compose=message" not in page.replace("?compose=message&amp;", "")
    assert not Message.objects.exists()


@pytest.mark.parametrize("name", ["Mia", "Max", "Ada"])
def test_all_others_of_the_team_write(client: Client, ana: Contact, name: str) -> None:
    client.force_login(make_user(name=name))
    assert write(client, ana).status_code == 303


def test_nobody_without_a_role_gets_anything(client: Client, mia: User, ana: Contact) -> None:
    write(client, ana, attachments=[file()])
    message, delivery = Message.objects.get(), Delivery.objects.get()
    client.force_login(User.objects.create_user("ana@calder.example", name="Ana"))
    assert write(client, ana).status_code in (403, 404)
    for name, pk in (
        ("message_cancel", message.pk),
        ("message_retry", message.pk),
        ("delivery_arrived", delivery.pk),
    ):
        assert client.post(reverse(name, args=[pk])).status_code in (403, 404)
    for name, pk in (
        ("contact_compose", ana.pk),
        ("message_row", message.pk),
        ("attachment", Attachment.objects.get().pk),
    ):
        assert client.get(reverse(name, args=[pk])).status_code in (403, 404)
    assert Message.objects.count() == 1


def test_the_composer_alone_is_the_composer_of_the_page(client, mia, ana) -> None:
    path = reverse("contact_compose", args=[ana.pk])
    assert 'id="comment"' in client.get(path).content.decode()
    answer = client.get(path, {"compose": "message"}, headers=HTMX).content.decode()
    assert "Send to ana@calder.example" in answer
    assert "<html" not in answer
    chosen = {"compose": "message", "address": "office@calder.example"}
    assert "Send to office@calder.example" in client.get(path, chosen).content.decode()


def test_a_file_is_handed_over_to_be_saved_and_never_run(client, mia, ana) -> None:
    page = SimpleUploadedFile('a "b".html', b"<script>alert(1)</script>", "text/html")
    write(client, ana, attachments=[page])
    kept = Attachment.objects.get()
    answer = client.get(reverse("attachment", args=[kept.pk]))
    assert b"".join(answer.streaming_content) == b"<script>alert(1)</script>"
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    client.force_login(make_user(name="Vic"))
    assert client.get(reverse("attachment", args=[kept.pk])).status_code == 200
    assert client.get(reverse("attachment", args=[uuid7()])).status_code == 404
    kept.file.storage.delete(kept.file.name)
    assert client.get(reverse("attachment", args=[kept.pk])).status_code == 404


@pytest.mark.parametrize(
    "kind", ["message/rfc822", "multipart/mixed", "nonsense", "a/b\r\nX: 1", ""]
)
def test_a_type_that_no_mail_can_carry_becomes_the_general_one(client, mia, ana, kind) -> None:
    Message.send(ana, author=mia, address=ana.email, body="See", files=[file(kind=kind)])
    kept = Attachment.objects.get()
    assert kept.content_type == "application/octet-stream"
    answer = client.get(reverse("attachment", args=[kept.pk]))
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert leave().attachments[0].get_content_type() == "application/octet-stream"
