"""What a mail carries: files as they were attached, and links that nobody else can know."""

import hashlib
import logging
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from uuid_utils.compat import uuid7

from contacts.mail import deliver
from contacts.models import Attachment, Delivery, Invitation, Link
from contacts.models.link import PLACEHOLDER, digest
from tests.contacts.deliveries.trying import again
from tests.contacts.outbox import ANA, invitation, message, mia, share, state
from tests.smtp import Server

pytestmark = pytest.mark.django_db
SERVER_LOG = "mail.log"  # of the server that gets the mail
TOKEN = re.compile(r"/[is]/([\w-]{43})/")


class TestFiles:
    def test_a_file_arrives_byte_by_byte_under_its_name(self, smtp: Server) -> None:
        content = "naïve\r\n.\nlast line without end".encode("latin-1")
        upload = ContentFile(content, name="Übersicht, 1.csv")
        upload.content_type = "text/csv"
        deliver(message(files=[upload]).pk)
        [part] = smtp.received[0].iter_attachments()
        assert part.get_filename() == "Übersicht, 1.csv"
        assert part.get_content_type() == "text/csv"
        sent = part.get_payload(decode=True)
        assert sent == content
        assert hashlib.sha256(sent).hexdigest() == Attachment.objects.get().sha256

    @pytest.mark.parametrize(
        "claimed", ["nonsense", "multipart/mixed", "message/rfc822", "a/b\n/c"]
    )
    def test_a_kind_of_file_that_is_none_leaves_as_bytes(self, smtp: Server, claimed: str) -> None:
        upload = ContentFile(b"content", name="file")
        upload.content_type = claimed
        deliver(message(files=[upload]).pk)
        [part] = smtp.received[0].iter_attachments()
        assert part.get_content_type() == "application/octet-stream"
        assert part.get_payload(decode=True) == b"content"

    def test_a_file_that_is_gone_fails_the_mail_with_a_sentence(self, smtp: Server) -> None:
        delivery = message(files=[ContentFile(b"content", name="file")])
        Path(Attachment.objects.get().file.path).unlink()
        deliver(delivery.pk)
        assert state(delivery) == "failed"
        assert delivery.error == "A file of this mail is no longer there."

    def test_a_file_that_never_was_fails_the_mail_as_well(self, smtp: Server) -> None:
        delivery = message()
        unknown = [{"name": "file", "type": "text/plain", "attachment": str(uuid7())}]
        forged = Delivery(
            contact=delivery.contact, message=delivery.message, recipient=ANA, attachments=unknown
        )
        forged.save()
        deliver(forged.pk)
        assert state(forged) == "failed"

    def test_a_card_is_attached_as_it_was_written(self, smtp: Server) -> None:
        delivery = share(with_card=True)
        deliver(delivery.pk)
        [part] = smtp.received[0].iter_attachments()
        assert part.get_content_type() == "text/vcard"
        assert part.get_payload(decode=True).decode() == delivery.attachments[0]["text"]
        assert b"BEGIN:VCARD\r\n" in part.get_payload(decode=True)


class TestLinks:
    @pytest.mark.parametrize("queue", [invitation, lambda: share(link_days=7)])
    def test_a_token_is_in_its_mail_and_nowhere_in_the_database(
        self, smtp: Server, queue: Callable[[], Delivery], caplog: Any
    ) -> None:
        caplog.set_level(logging.DEBUG)
        caplog.set_level(logging.DEBUG, "django.db.backends")
        smtp.behave(text="451 Later")
        with CaptureQueriesContext(connection):
            delivery = queue()
            deliver(delivery.pk)
            again(delivery)
        [mail] = smtp.received
        text, html = (mail.get_body((kind,)).get_content() for kind in ("plain", "html"))
        [token] = set(TOKEN.findall(text))
        assert set(TOKEN.findall(html)) == {token}
        assert PLACEHOLDER not in text + html
        assert Link.objects.get().digest == digest(token)
        assert Link.find(token).recipient == ANA
        assert not columns_that_hold(token)
        assert columns_that_hold(digest(token)) == ["contacts_link"]
        logged = [each.getMessage() for each in caplog.records if each.name != SERVER_LOG]
        assert logged
        assert not [line for line in logged if token in line]

    def test_what_somebody_writes_is_no_placeholder(self, smtp: Server) -> None:
        for kind in ("i", "s"):
            delivery = message(body=f"See http://127.0.0.1:8000/{kind}/{PLACEHOLDER}/ for that")
            deliver(delivery.pk)
            assert state(delivery) == "sent"
            assert (
                f"/{kind}/{PLACEHOLDER}/" in smtp.received.pop().get_body(("plain",)).get_content()
            )
        deliver(share(note=f"http://127.0.0.1:8000/s/{PLACEHOLDER}/").pk)
        assert not Link.objects.exists()

    def test_a_site_that_moved_meanwhile_breaks_no_link(self, smtp: Server, settings: Any) -> None:
        delivery = invitation()
        settings.SITE_URL = "https://elsewhere.example"
        deliver(delivery.pk)
        [token] = set(TOKEN.findall(smtp.received[0].get_body(("plain",)).get_content()))
        assert Link.find(token)

    def test_an_invitation_sent_again_has_one_living_link_the_newest(self, smtp: Server) -> None:
        first = invitation()
        deliver(first.pk)
        Invitation.objects.get().resend(mia())
        deliver(Delivery.objects.exclude(pk=first.pk).get().pk)
        texts = [mail.get_body(("plain",)).get_content() for mail in smtp.received]
        old, new = ({*TOKEN.findall(text)}.pop() for text in texts)
        assert Link.find(old) is None
        assert Link.find(new)


def columns_that_hold(needle: str) -> list[str]:
    """Return the tables of the database in which any row holds that text in any column."""
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        holding = []
        for table in tables:
            cursor.execute(
                f'SELECT count(*) FROM "{table}" AS row WHERE row::text LIKE %s', [f"%{needle}%"]
            )
            if cursor.fetchone()[0]:
                holding.append(table)
    return holding


@pytest.mark.parametrize("column", ["text", "recipient", "subject", "html", "mail_id"])
def test_what_was_to_be_sent_can_not_be_changed(column: str) -> None:
    delivery = message()
    with pytest.raises(DatabaseError, match="does not change"), transaction.atomic():
        Delivery.objects.filter(pk=delivery.pk).update(**{column: "another@b.example"})
