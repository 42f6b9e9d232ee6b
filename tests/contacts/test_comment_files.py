"""Files of comments: kept with them, shown on their rows, and for nobody but the team."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail as outbox
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags
from uuid_utils.compat import uuid7

from accounts.models import User
from activity.models import ActivityEvent
from contacts import mail
from contacts.models import Attachment, Comment, CommentFile, Contact, Delivery, Message, Share
from contacts.tasks import sweep_comment_files
from tests.builders import make_user
from tests.contacts.portal_people import make_amara, make_portal

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 20
both = pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "fragment"])


@pytest.fixture
def mia(client: Client) -> User:
    mia = make_user(name="Mia")
    client.force_login(mia)
    return mia


@pytest.fixture
def amara() -> Contact:
    return make_amara()


def file(name: str = "plan.pdf", content: bytes = b"%PDF-") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, "application/octet-stream")


def add(client: Client, contact: Contact, body: str, *files: Any, headers: Any = None, **typed):
    path = reverse("contact_comments", args=[contact.pk])
    typed = {"id": str(uuid7()), "body": body, "attachments": files} | typed
    return client.post(path, typed, headers=headers or None)


def text(content: bytes) -> str:
    return " ".join(strip_tags(content.decode()).replace("\xa0", " ").split())


def test_a_comment_keeps_its_files_and_shows_them(client: Client, mia: User, amara) -> None:
    answer = add(client, amara, "See these", file("../../etc/pl\u202ean.pdf"), file("b.txt", b"xy"))
    assert answer.status_code == 303
    page = client.get(amara.get_absolute_url())
    for shown in ("See these", "plan.pdf 5 bytes", "b.txt 2 bytes"):
        assert shown in text(page.content)
    kept = CommentFile.objects.first()
    saved = client.get(reverse("comment_file", args=[kept.pk]))
    assert b"".join(saved.streaming_content) == b"%PDF-"
    assert saved.headers["Content-Disposition"] == 'attachment; filename="plan.pdf"'
    event = ActivityEvent.objects.get(verb="comment.added")
    assert event.payload["files"] == [
        {"name": "plan.pdf", "size": 5},
        {"name": "b.txt", "size": 2},
    ]


def test_an_image_is_shown_and_leads_to_itself(client: Client, mia: User, amara: Contact) -> None:
    add(client, amara, "Look", file("desk.png", PNG), headers=HTMX)
    kept = CommentFile.objects.get()
    page = client.get(amara.get_absolute_url()).content.decode()
    address = reverse("comment_file_image", args=[kept.pk])
    assert f'href="{address}"><img src="{address}"' in page
    assert client.get(address).headers["Content-Type"] == "image/png"


def test_a_file_may_say_it_all(client: Client, mia: User, amara: Contact) -> None:
    assert add(client, amara, "", file("desk.png", PNG)).status_code == 303
    comment = Comment.objects.get()
    assert (comment.body, [kept.name for kept in comment.files]) == ("", ["desk.png"])
    edit = reverse("comment_edit", args=[comment.pk])
    assert client.post(edit, {"body": "The desk", "version": 1}).status_code == 303
    assert client.post(edit, {"body": "", "version": 2}).status_code == 303
    assert "desk.png" in text(client.get(amara.get_absolute_url()).content)
    assert add(client, amara, "").status_code == 422


def test_sent_twice_it_is_one_comment_with_one_file(client: Client, mia: User, amara) -> None:
    pk = uuid7()
    for _time in range(2):
        assert add(client, amara, "See", file(), id=str(pk)).status_code == 303
    assert (Comment.objects.count(), CommentFile.objects.count()) == (1, 1)


@both
def test_what_is_too_much_is_refused_and_the_text_kept(
    client: Client, mia: User, amara: Contact, settings: Any, headers: Any
) -> None:
    settings.COMMENT_MAX_FILES = 2
    settings.COMMENT_MAX_FILE_BYTES, settings.COMMENT_MAX_BYTES = 2048, 3072
    refused = {
        "3 files are too many; at most 2 can go together.": [file(), file(), file()],
        "“plan.pdf” is too large: a file can have 2.0 KB.": [file(content=b"x" * 3000)],
        "These files have 3.9 KB together; all of them can have 3.0 KB.": [
            file(content=b"x" * 2000),
            file(content=b"x" * 2000),
        ],
        "One of these files is empty.": [file(content=b"")],
    }
    for sentence, files in refused.items():
        answer = add(client, amara, "What I wrote", *files, headers=headers)
        assert answer.status_code == 422
        assert sentence in text(answer.content)
        assert "What I wrote" in answer.content.decode()
    assert not Comment.objects.exists()


@both
@pytest.mark.parametrize("kind", ["comment", "message"])
def test_a_request_too_large_for_the_server_is_let_go_and_the_text_kept(
    client: Client, mia: User, settings: Any, headers: Any, kind: str
) -> None:
    settings.COMMENT_MAX_BYTES = settings.MESSAGE_MAX_BYTES = 1_000
    path = reverse(f"contact_{kind}s", args=[make_amara().pk])
    typed = {
        "id": str(uuid7()),
        "body": "What I wrote",
        "attachments": file(content=b"x" * 1_100_000),
    }
    answer = client.post(path, typed, headers=headers or None)
    assert answer.status_code == 413
    assert "These files have 1.0 MB together; all of them can have 1000 bytes." in text(
        answer.content
    )
    assert "What I wrote" in answer.content.decode()
    assert not Comment.objects.exists() and not Message.objects.exists()


def test_who_may_not_comment_adds_no_file_but_reads_it(client: Client, mia, amara) -> None:
    add(client, amara, "See", file())
    client.force_login(make_user(name="Vic"))
    assert add(client, amara, "Mine", file()).status_code == 403
    assert client.get(CommentFile.objects.get().get_absolute_url()).status_code == 200
    assert client.get(reverse("comment_file", args=[uuid7()])).status_code == 404


def test_the_portal_reaches_no_file_of_a_comment(client: Client, mia: User, amara) -> None:
    add(client, amara, "For us alone", file("secret.png", PNG))
    kept = CommentFile.objects.get()
    client.force_login(make_portal(amara))
    own = reverse("portal_file", args=[amara.pk, kept.pk])
    image = reverse("comment_file_image", args=[kept.pk])
    for path in (kept.get_absolute_url(), image, own):
        assert client.get(path).status_code in (403, 404)
    assert "secret.png" not in client.get("/portal/").content.decode()


def test_no_mail_can_carry_a_file_of_a_comment(client: Client, mia: User, amara: Contact) -> None:
    add(client, amara, "For us alone", file("secret.txt", b"For us alone"))
    kept = CommentFile.objects.get()
    offered = client.get(reverse("contact_shares", args=[amara.pk])).content.decode()
    assert "secret.txt" not in offered
    assert str(kept.pk) not in offered
    shared = {"id": str(uuid7()), "to": "a@x.example", "files": str(kept.pk), "note": "Hello"}
    client.post(reverse("contact_shares", args=[amara.pk]), shared)
    assert not Share.objects.exists()
    Message.send(amara, author=mia, address=amara.email, body="Hello", files=[file()])
    Delivery.objects.update(due_at=timezone.now())
    # even where somebody wrote its id into a mail by hand
    waiting = Delivery.objects.get()
    assert [each["attachment"] for each in waiting.attachments] == [
        str(Attachment.objects.get().pk)
    ]
    forged = Delivery(attachments=[{**waiting.attachments[0], "attachment": str(kept.pk)}])
    with pytest.raises(FileNotFoundError):
        mail.letter(forged)
    mail.deliver(waiting.pk)
    assert [part.get_filename() for part in outbox.outbox[0].attachments] == ["plan.pdf"]


def test_a_deleted_comment_hides_its_files_and_lets_them_go_when_it_stays_deleted(
    client: Client, mia: User, amara: Contact, django_capture_on_commit_callbacks: Any
) -> None:
    add(client, amara, "See", file("secret.txt"))
    kept, comment = CommentFile.objects.get(), Comment.objects.get()
    client.post(reverse("comment_delete", args=[comment.pk]))
    assert client.get(kept.get_absolute_url()).status_code == 404
    assert "secret.txt" not in client.get(amara.get_absolute_url()).content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        sweep_comment_files()
    assert kept.file.storage.exists(kept.file.name)
    client.post(reverse("comment_restore", args=[comment.pk]))
    assert client.get(kept.get_absolute_url()).status_code == 200
    comment.refresh_from_db()
    comment.remove(by=mia)
    comment.deleted_at = timezone.now() - timedelta(minutes=11)
    comment.save(verb="comment.edited")
    with django_capture_on_commit_callbacks(execute=True):
        sweep_comment_files()
    assert not kept.file.storage.exists(kept.file.name)
    left = CommentFile.objects.get()
    assert (left.name, left.size, left.file.name) == ("secret.txt", 5, "")
    assert left.sha256 == kept.sha256


def test_deleting_a_contact_counts_its_files_and_takes_them_along(
    client: Client, mia: User, amara: Contact, django_capture_on_commit_callbacks: Any
) -> None:
    add(client, amara, "See", file())
    Message.receive(amara, body="Hello", via="portal", files=[file()])
    stored = [*CommentFile.objects.all(), *Attachment.objects.all()]
    client.force_login(make_user(name="Max"))
    dialog = client.get(reverse("contact_delete_dialog", args=[amara.pk]))
    assert "2 files" in text(dialog.content)
    with django_capture_on_commit_callbacks(execute=True):
        amara.delete(reason="Asked")
    assert not any(kept.file.storage.exists(kept.file.name) for kept in stored)
    assert not CommentFile.objects.exists()
    event = ActivityEvent.objects.get(verb="contact.deleted")
    assert event.payload["counts"]["attachments"] == 2
