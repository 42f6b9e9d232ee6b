"""No text that somebody writes ends a line of a mail's header, or of an answer's."""

import email
import re
from email import policy

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from uuid_utils.compat import uuid7

from activity.context import acting
from contacts.mail import letter
from contacts.models import Attachment, Comment, CommentFile, Delivery, Invitation, Message, Share
from tests.builders import make_contact, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_log")]
# NUL ends nothing: PostgreSQL holds none.
LINES = ("\r\n", "\n", "\r", "\x0b", "\x0c", "\x85", "\u2028", "\u2029", "%0d%0a", "\r\n ")
BROUGHT = "Bcc: evil@evil.example"
ALLOWED = {
    "content-type", "mime-version", "subject", "from", "to", "date", "message-id", "reply-to",
    "list-unsubscribe", "list-unsubscribe-post", "x-annals-delivery", "in-reply-to", "references",
    "content-transfer-encoding", "auto-submitted",
}  # fmt: skip


def texts() -> list[str]:
    return [f"Plan{line}{BROUGHT}{line}{line}X-More: y" for line in LINES]


def wrong_with(content: bytes) -> list[str]:
    """Return what of a mail's header nobody of us wrote, as two readers understand it."""
    found = []
    for rules in (policy.compat32, policy.default):
        mail = email.message_from_bytes(content, policy=rules)
        found += [name for name in mail if name.lower() not in ALLOWED]
        for part in mail.walk():
            found += [str(name) for name in part if "evil" in name or "X-More" in name]
    head = re.split(rb"\r?\n\r?\n", content, maxsplit=1)[0]
    found += [str(line) for line in head.splitlines() if line.startswith((b"Bcc", b"X-More"))]
    return found


def test_no_field_ends_a_line_of_a_mails_header() -> None:
    wrong = []
    for number, text in enumerate(texts()):
        author = make_user("manager", name=text[:60], email=f"m{number}@annals.example")
        amara = make_contact(given_name=text[:100], organisation=text, emails=["a@b.example"])
        file = SimpleUploadedFile("x", b"%PDF-", f"application/pdf; x={text}")
        file._name = text  # what Django would clean
        with acting(actor=author, channel="web"):
            answered = Message.receive(
                amara, body="Hello", subject=text, via="email", mail_id=f"<a{text}@b.example>"
            )
            message = Message.send(
                amara, author=author, address="a@b.example", subject=text, body=text,
                files=[file], in_reply_to=answered,
            )  # fmt: skip
            Invitation.send(
                amara, inviter=author, email=f"a{number}@b.example", role="client", note=text
            )
            files = [Attachment.keep(message, file)]
            share = Share.draft(
                amara, sender=author, recipients=["a@b.example"], fields=["name"], note=text,
                files=files, with_card=True,
            )  # fmt: skip
            share.send()
        for delivery in Delivery.objects.filter(contact=amara):
            content = letter(delivery).message().as_bytes(linesep="\r\n")
            wrong += [f"{text!r}: {each}" for each in wrong_with(content)]
    assert not wrong, "\n".join(wrong)


def test_no_name_ends_a_line_of_an_answers_header() -> None:
    client, wrong = Client(raise_request_exception=False), []
    max_ = make_user(name="Max")
    client.force_login(max_)
    for text in texts():
        amara = make_contact(given_name=text[:100], emails=["a@b.example"])
        comment = Comment(contact=amara, author=max_, body="See")
        comment.save()
        file = SimpleUploadedFile("x", b"\x89PNG\r\n\x1a\n" + bytes(20), "image/png")
        file._name = f'{text}";x="y.html'
        kept, page = CommentFile.keep(comment, file), f"/contacts/{amara.pk}/"
        htmx = {"HX-Request": "true", "HX-Current-URL": f"http://testserver/{text}"}
        asked = [
            client.get(f"/comments/files/{kept.pk}/"),
            client.get(f"/comments/files/{kept.pk}/image"),
            client.get(f"/contacts/{amara.pk}/card.vcf"),
            client.get(f"/contacts/{amara.pk}/disclosures.csv"),
            client.post(f"{page}archive", {"reason": text, "newest": "1"}, headers=htmx),
            client.post(f"{page}restore", {"reason": text}, headers=htmx),
            client.post(f"{page}archive", {"newest": text}),
            client.get(f"/contacts/{amara.pk}/neighbours", {"go": "next", "list": f"q={text}"}),
            client.get("/contacts/", {"q": text, "sort": text}),
            client.get("/accounts/login/", {"next": f"/{text}"}),
            client.post("/contacts/views/new", {"name": text[:60], "q": text}),
            client.post("/contacts/export", {"format": "csv", "everyone": "on", "q": text}),
        ]
        for answer in asked:
            where = answer.request["PATH_INFO"]
            if answer.status_code >= 500:
                wrong.append(f"{where} with {text!r}: {answer.status_code}")
            for name, value in answer.headers.items():
                if not value.isprintable() or "evil" in name or not value.isascii():
                    wrong.append(f"{where} with {text!r}: {name}: {value!r}")
            if "text/html" in answer.headers.get("Content-Disposition", ""):
                wrong.append(f"{where}: {answer.headers['Content-Disposition']}")
    assert not wrong, "\n".join(wrong)


def test_an_upload_keeps_a_name_of_one_line(client: Client) -> None:
    client.force_login(make_user(name="Mia"))
    amara = make_contact()
    boundary = "BoUnDaRy"
    names = ["a%0d%0aX-More: y.pdf", 'a"; x="b.pdf', "a\\\r\n.pdf", "../../etc/passwd\x00.pdf"]
    for name in names:
        body = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="id"\r\n\r\n{uuid7()}\r\n'
            f'--{boundary}\r\nContent-Disposition: form-data; name="body"\r\n\r\nSee\r\n'
            f'--{boundary}\r\nContent-Disposition: form-data; name="attachments"; filename="{name}"'
            f"\r\nContent-Type: application/pdf\r\n\r\n%PDF-\r\n--{boundary}--\r\n"
        ).encode()
        client.post(
            f"/contacts/{amara.pk}/comments/", body,
            content_type=f"multipart/form-data; boundary={boundary}",
        )  # fmt: skip
    for kept in CommentFile.objects.all():
        assert kept.name.isprintable()
        assert not {"/", "\\"} & set(kept.name)
        answer = client.get(f"/comments/files/{kept.pk}/")
        assert answer.headers["Content-Disposition"].isprintable()
