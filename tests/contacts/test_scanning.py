"""The hook for a virus scanner: what it finds is not kept, whichever way it came."""

import re
import socket
import struct
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings as project
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, reset_queries
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import strip_tags
from uuid_utils.compat import uuid7

from contacts.inbound import take_in
from contacts.incoming_mail import IncomingMail
from contacts.models import Comment, Message
from contacts.reply_address import reply_address
from contacts.scanning import Infected, ScannerAway, scan
from tests.builders import make_user
from tests.contacts.portal_people import make_amara, make_portal

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


def scanner(upload: Any) -> None:
    """Find what a test calls a virus; fail at a file that says so."""
    content = upload.read()
    if b"EICAR" in content:
        raise Infected("Eicar-Test-Signature")
    if b"down" in content:
        raise ConnectionRefusedError


@pytest.fixture
def scanned(settings: Any) -> None:
    settings.ATTACHMENT_SCANNER = f"{__name__}.scanner"


def file(content: bytes = EICAR) -> SimpleUploadedFile:
    return SimpleUploadedFile("bill.pdf", content, "application/pdf")


@pytest.mark.parametrize("kind", ["comment", "message"])
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "fragment"])
def test_an_infected_file_is_refused_and_the_text_kept(
    client: Client, scanned: None, kind: str, headers: Any
) -> None:
    client.force_login(make_user(name="Mia"))
    path = reverse(f"contact_{kind}s", args=[make_amara().pk])
    typed = {"id": str(uuid7()), "body": "What I wrote"}
    told = {
        EICAR: "“bill.pdf” can’t be kept. The virus scanner says: Eicar-Test-Signature",
        b"down": "“bill.pdf” can’t be checked for viruses now. Try again in a minute.",
    }
    for content, sentence in told.items():
        answer = client.post(path, typed | {"attachments": file(content)}, headers=headers or None)
        assert answer.status_code == 422
        assert sentence in strip_tags(answer.content.decode())
        assert "What I wrote" in answer.content.decode()
    assert not Comment.objects.exists() and not Message.objects.exists()
    answer = client.post(path, typed | {"attachments": file(b"harmless")})
    assert answer.status_code == 303
    [kept] = [*Comment.objects.all(), *Message.objects.all()]
    assert kept.files[0].file.read() == b"harmless"


def test_the_portal_keeps_no_infected_file(client: Client, scanned: None) -> None:
    amara = make_amara()
    client.force_login(make_portal(amara))
    typed = {"id": str(uuid7()), "body": "See here", "attachments": file()}
    answer = client.post(reverse("portal_reply", args=[amara.pk]), typed)
    assert answer.status_code == 422
    assert "See here" in answer.content.decode()
    assert not Message.objects.exists()


def at_a_locked_contact(upload: Any) -> None:
    """Find fault with being asked while others wait for the contact."""
    if any('FROM "contacts_contact"' in q["sql"] and "FOR UPDATE" in q["sql"]
           for q in connection.queries):  # fmt: skip
        raise Infected("a lock")


def test_nobody_waits_for_the_scanner(client: Client, settings: Any) -> None:
    settings.ATTACHMENT_SCANNER = f"{__name__}.at_a_locked_contact"
    amara, mia = make_amara(), make_user(name="Mia")
    sent = Message.send(amara, author=mia, address=amara.email, body="Hello")
    for who, name in (
        (mia, "contact_comments"),
        (mia, "contact_messages"),
        (make_portal(amara), "portal_reply"),
    ):
        client.force_login(who)
        typed = {"id": str(uuid7()), "body": name, "attachments": file(b"harmless")}
        reset_queries()
        with CaptureQueriesContext(connection):
            answer = client.post(reverse(name, args=[amara.pk]), typed)
        assert answer.status_code == 303
    settings.INBOUND_DOMAIN = "in.annals.example"
    mail = mail_with(b"harmless")
    mail.replace_header("To", reply_address(sent))
    reset_queries()
    with CaptureQueriesContext(connection):
        take_in(mail)
    assert Message.objects.get(in_reply_to=sent).files[0].file.read() == b"harmless"


def test_of_a_mail_the_infected_file_is_left_out_and_named(scanned: None) -> None:
    mail = IncomingMail(mail_with(EICAR, b"harmless"))
    assert [each.read() for each in mail.files] == [b"harmless"]
    assert mail.body.endswith(
        "[A file was left out, as the virus scanner found something in it: "
        "bill.pdf (Eicar-Test-Signature)]"
    )


def test_a_mail_that_cannot_be_scanned_comes_again_later(scanned: None) -> None:
    with pytest.raises(ScannerAway):
        IncomingMail(mail_with(b"down")).files  # noqa: B018


def mail_with(*contents: bytes) -> Any:
    from anymail.inbound import AnymailInboundMessage

    attached = [
        AnymailInboundMessage.construct_attachment("application/pdf", content, filename="bill.pdf")
        for content in contents
    ]
    return AnymailInboundMessage.construct(
        from_email="ana@calder.example", to="us@annals.example", text="See", attachments=attached
    )


def test_without_a_scanner_nothing_is_asked() -> None:
    scan(ContentFile(EICAR))


@pytest.fixture
def clamd() -> Iterator[tuple[str, int]]:
    """Listen as clamd does to INSTREAM: a length before each piece, an empty piece at the end."""

    def answer(stream: Any) -> None:
        assert stream.read(10) == b"zINSTREAM\0"
        content = b""
        while length := struct.unpack(">I", stream.read(4))[0]:
            content += stream.read(length)
        found = b"Win.Test.EICAR_HDB-1 FOUND" if b"EICAR" in content else b"OK"
        stream.write(b"stream: " + found + b"\0")
        stream.flush()

    def serve() -> None:
        for _time in range(2):
            connection, _address = server.accept()
            with connection, connection.makefile("rwb") as stream:
                answer(stream)

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield server.getsockname()


def test_the_example_for_clamd_in_the_documentation_works(clamd: tuple[str, int]) -> None:
    page = Path(project.BASE_DIR, "docs", "files.md").read_text()
    [example] = re.findall(r"```python\n(.*?)```", page, re.S)
    module = SimpleNamespace()
    exec(example, vars(module))  # noqa: S102 - our own text
    module.CLAMD = clamd
    vars(module)["CLAMD"] = clamd
    module.scan(ContentFile(b"harmless"))
    with pytest.raises(Infected, match="EICAR_HDB"):
        module.scan(ContentFile(b"x" * 200_000 + EICAR))
