"""One mail on its way out, through a real SMTP server: each end it can come to."""

import hashlib
import logging
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from activity.models import ActivityEvent
from contacts.mail import deliver
from contacts.models import Attachment, Contact, Delivery, Invitation, Link, Message
from contacts.models.delivery import MOST_ATTEMPTS, pause_after
from contacts.models.link import PLACEHOLDER, digest
from tests.contacts.outbox import ANA, ana, invitation, message, mia, share, state, verbs
from tests.smtp import Server

pytestmark = pytest.mark.django_db
SERVER_LOG = "mail.log"  # of the server that gets the mail
TOKEN = re.compile(r"/[is]/([\w-]{43})/")


def again(delivery: Delivery) -> None:
    """Let the pause after a failed attempt be over, and try."""
    Delivery.objects.filter(pk=delivery.pk).update(due_at=timezone.now())
    deliver(delivery.pk)


class TestEnds:
    def test_what_a_server_takes_is_sent_with_its_own_message_id(self, smtp: Server) -> None:
        delivery = message()
        deliver(delivery.pk)
        assert state(delivery) == "sent"
        assert delivery.finished_at
        assert (delivery.attempts, delivery.error) == (1, "")
        [mail] = smtp.received
        assert mail["Message-ID"] == delivery.mail_id == f"<{delivery.pk}@127.0.0.1>"
        assert mail["To"] == ANA
        assert "Hello Ana" in mail.get_body(("plain",)).get_content()

    def test_what_a_server_refuses_for_good_fails_at_once_and_says_why(self, smtp: Server) -> None:
        smtp.behave(recipient="550 No such user here")
        contact = ana()
        delivery = message(contact)
        deliver(delivery.pk)
        assert (state(delivery), delivery.attempts) == ("failed", 1)
        assert "No such user here" in delivery.error
        event = ActivityEvent.objects.get(verb="message.failed", contact_id=contact.pk)
        assert event.payload["to"] == ANA
        assert "No such user here" in event.payload["error"]

    def test_what_a_server_does_not_take_now_is_tried_again(self, smtp: Server) -> None:
        smtp.behave(text="451 Try again later")
        delivery = message()
        deliver(delivery.pk)
        assert state(delivery) == "queued"
        assert "Try again later" in delivery.error
        assert timedelta(seconds=55) < delivery.due_at - timezone.now() < timedelta(minutes=2)
        deliver(delivery.pk)
        assert smtp.received == []
        again(delivery)
        assert (state(delivery), delivery.attempts, delivery.error) == ("sent", 2, "")
        assert [mail["Message-ID"] for mail in smtp.received] == [delivery.mail_id]

    def test_a_server_that_is_down_for_a_while_gets_it_later(self, smtp: Server) -> None:
        smtp.stop()
        delivery = message()
        deliver(delivery.pk)
        assert state(delivery) == "queued"
        smtp.start()
        again(delivery)
        assert state(delivery) == "sent"
        assert len(smtp.received) == 1

    def test_after_eight_attempts_it_is_given_up(self, smtp: Server) -> None:
        smtp.stop()
        contact = ana()
        delivery = message(contact)
        for _attempt in range(MOST_ATTEMPTS):
            assert state(delivery) == "queued"
            again(delivery)
        assert (state(delivery), delivery.attempts) == ("failed", 8)
        assert verbs(contact) == ["message.queued", "message.failed"]

    def test_a_line_that_breaks_after_the_text_leaves_it_uncertain_for_ever(
        self, smtp: Server
    ) -> None:
        smtp.behave(drop=True)
        delivery = message()
        deliver(delivery.pk)
        assert state(delivery) == "uncertain"
        assert delivery.error
        Delivery.objects.sweep()
        again(delivery)
        assert len(smtp.received) == 1

    def test_an_unknown_failure_while_sending_leaves_it_uncertain(
        self, smtp: Server, settings: Any
    ) -> None:
        settings.EMAIL_BACKEND = "tests.contacts.outbox.Broken"
        delivery = message()
        deliver(delivery.pk)
        assert state(delivery) == "uncertain"
        assert "out of paper" in delivery.error

    def test_what_is_not_due_yet_stays(self, smtp: Server) -> None:
        delivery = message(grace=timedelta(seconds=10))
        deliver(delivery.pk)
        assert (state(delivery), delivery.attempts, smtp.received) == ("queued", 0, [])

    def test_a_mail_that_can_not_be_written_fails_with_a_sentence(self, smtp: Server) -> None:
        delivery = message()
        bad = Delivery(contact=delivery.contact, message=delivery.message, recipient=ANA)
        bad.subject, bad.text, bad.html, bad.sender = "Two\nlines", "Text", "<p>", "us@a.example"
        bad.save()
        deliver(bad.pk)
        assert state(bad) == "failed"
        assert bad.error.startswith("This mail can’t be written: ")
        assert smtp.received == []

    @pytest.mark.parametrize(
        "broken", [{"headers": {"X-One": "two\nlines"}}, {"attachments": [{"type": "a/b"}]}]
    )
    def test_nothing_that_can_be_wrong_with_a_mail_is_tried_for_ever(
        self, smtp: Server, broken: dict[str, Any]
    ) -> None:
        delivery = message()
        bad = Delivery(contact=delivery.contact, message=delivery.message, recipient=ANA, **broken)
        bad.subject, bad.text, bad.html, bad.sender = "One", "Text", "<p>", "us@a.example"
        bad.save()
        deliver(bad.pk)
        assert state(bad) == "failed"

    def test_a_server_may_answer_in_any_characters(self) -> None:
        [delivery, _token] = Delivery.claim(message().pk)
        assert delivery.failed("\x00 d\udce9sol")
        assert (state(delivery), delivery.error) == ("failed", " d?sol")


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
        other = message(files=[ContentFile(b"content", name="file")])
        Attachment.objects.filter(message=other.message).delete()
        deliver(other.pk)
        assert state(other) == "failed"

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


class TestWhatMayNotLeave:
    def test_a_cancelled_message_does_not_leave(self, smtp: Server) -> None:
        delivery = message()
        assert delivery.message.cancel()
        deliver(delivery.pk)
        assert (state(delivery), smtp.received) == ("cancelled", [])

    def test_what_was_being_sent_when_its_contact_was_archived_is_not_tried_again(
        self, smtp: Server
    ) -> None:
        contact = ana()
        delivery = message(contact)
        Delivery.claim(delivery.pk)
        contact.archive()
        delivery.refresh_from_db()
        delivery.postpone("The server is down.")
        again(delivery)
        assert (state(delivery), smtp.received) == ("cancelled", [])
        assert delivery.error == "Ana Costa is archived. Restore this contact first."
        assert verbs(contact) == ["message.queued", "contact.archived", "message.cancelled"]

    def test_a_share_to_a_contact_that_opted_out_stays_here_and_one_to_others_leaves(
        self, smtp: Server
    ) -> None:
        contact = ana()
        own, others = share(contact), share(contact, recipients=["bo@other.example"])
        Contact.objects.get(pk=contact.pk).opt_out(source="team")
        deliver(own.pk)
        deliver(others.pk)
        assert (state(own), state(others)) == ("cancelled", "sent")

    def test_an_invitation_that_was_sent_again_meanwhile_does_not_leave_twice(
        self, smtp: Server
    ) -> None:
        first = invitation()
        Delivery.claim(first.pk)
        first.invitation.queue()
        first.refresh_from_db()
        assert first.postpone("The server is down.")
        again(first)
        assert (state(first), smtp.received) == ("cancelled", [])

    def test_an_invitation_taken_back_while_it_was_sent_is_not_tried_again(
        self, smtp: Server
    ) -> None:
        delivery = invitation()
        Delivery.claim(delivery.pk)
        delivery.invitation.revoke()
        delivery.refresh_from_db()
        delivery.postpone("The server is down.")
        again(delivery)
        assert (state(delivery), smtp.received) == ("cancelled", [])
        assert not Link.objects.exists()

    def test_the_mail_of_a_deleted_contact_does_not_leave_and_nobody_stumbles(
        self, smtp: Server
    ) -> None:
        contact = ana()
        waiting, leaving = message(contact), message(contact)
        [claimed, _token] = Delivery.claim(leaving.pk)
        contact.delete()
        deliver(waiting.pk)
        assert smtp.received == []
        for noted in (claimed.sent(), claimed.failed("No."), claimed.postpone("Later."),
                      claimed.lost(), claimed.bounced("Back."), claimed.cancel(),
                      claimed.delivered(timezone.now())):  # fmt: skip
            assert not noted


class TestLateNews:
    def claimed(self) -> Delivery:
        [delivery, _token] = Delivery.claim(message(ana()).pk)
        return delivery

    def test_what_its_worker_knows_better_counts_more_than_the_sweep(self) -> None:
        for verb, end in (("sent", "sent"), ("failed", "failed"), ("postpone", "failed")):
            delivery = self.claimed()
            Delivery.objects.get(pk=delivery.pk).lost()
            error = [] if verb == "sent" else ["The server said no."]
            assert getattr(delivery, verb)(*error)
            assert state(delivery) == end

    def test_a_worker_of_an_earlier_attempt_changes_nothing(self) -> None:
        earlier = self.claimed()
        earlier.postpone("Later.")
        Delivery.objects.update(due_at=timezone.now())
        Delivery.claim(earlier.pk)
        assert not earlier.sent()
        assert not earlier.failed("No.")
        assert not earlier.lost()
        assert state(earlier) == "sending"

    def test_a_bounce_after_it_was_sent_is_noted_once_and_stays(self) -> None:
        delivery = self.claimed()
        delivery.sent()
        assert delivery.bounced("Mailbox unknown.")
        assert not delivery.bounced("Mailbox unknown.")
        assert not delivery.delivered(timezone.now())
        assert not delivery.sent()
        assert (state(delivery), delivery.error) == ("bounced", "Mailbox unknown.")
        assert verbs(delivery.contact) == ["message.queued", "message.bounced"]

    def test_news_of_its_arrival_may_come_before_its_worker_notes_that_it_left(self) -> None:
        delivery = self.claimed()
        now = timezone.now()
        assert delivery.delivered(now)
        assert not delivery.sent()
        assert (state(delivery), delivery.finished_at, delivery.delivered_at) == ("sent", now, now)

    def test_a_person_who_knows_that_it_arrived_settles_what_is_uncertain(self) -> None:
        delivery = self.claimed()
        assert not delivery.arrived()
        delivery.lost()
        assert delivery.may_repeat
        assert delivery.arrived()
        assert not delivery.arrived()
        assert state(delivery) == "sent"
        assert verbs(delivery.contact) == ["message.queued", "message.confirmed"]

    def test_a_message_sent_again_is_another_mail_that_leaves_once(self, smtp: Server) -> None:
        smtp.behave(text="550 No")
        first = message()
        deliver(first.pk)
        assert Message.objects.get().retry("new@calder.example")
        second = Delivery.objects.exclude(pk=first.pk).get()
        deliver(second.pk)
        deliver(first.pk)
        assert [mail["To"] for mail in smtp.received] == ["new@calder.example"]
        assert second.mail_id != first.mail_id


def test_pauses_grow_from_a_minute_to_six_hours_and_differ() -> None:
    for attempts in range(1, MOST_ATTEMPTS):
        pauses = [pause_after(attempts) for _ in range(200)]
        assert timedelta(minutes=1) <= min(pauses) < max(pauses) <= timedelta(hours=6)
        assert len(set(pauses)) > 100
        assert max(pauses) < min(pause_after(attempts + 1) for _ in range(50))
    assert pause_after(1) < timedelta(minutes=2)
    assert pause_after(MOST_ATTEMPTS - 1) > timedelta(hours=3)


@pytest.mark.parametrize("column", ["text", "recipient", "subject", "html", "mail_id"])
def test_what_was_to_be_sent_can_not_be_changed(column: str) -> None:
    delivery = message()
    with pytest.raises(DatabaseError, match="does not change"), transaction.atomic():
        Delivery.objects.filter(pk=delivery.pk).update(**{column: "another@b.example"})
