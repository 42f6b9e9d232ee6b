"""One mail on its way out, through a real SMTP server: each end it can come to."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from activity.models import ActivityEvent
from contacts.mail import deliver
from contacts.models import Delivery
from contacts.models.delivery import MOST_ATTEMPTS, pause_after
from tests.contacts.deliveries.trying import again
from tests.contacts.outbox import ANA, ana, message, state, verbs
from tests.smtp import Server

pytestmark = pytest.mark.django_db


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
        before = timezone.now()
        deliver(delivery.pk)
        assert state(delivery) == "queued"
        assert "Try again later" in delivery.error
        assert before + timedelta(seconds=55) < delivery.due_at
        assert delivery.due_at < timezone.now() + timedelta(minutes=2)
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


def test_pauses_grow_from_a_minute_to_six_hours_and_differ() -> None:
    for attempts in range(1, MOST_ATTEMPTS):
        pauses = [pause_after(attempts) for _ in range(200)]
        assert timedelta(minutes=1) <= min(pauses) < max(pauses) <= timedelta(hours=6)
        assert len(set(pauses)) > 100
        assert max(pauses) < min(pause_after(attempts + 1) for _ in range(50))
    assert pause_after(1) < timedelta(minutes=2)
    assert pause_after(MOST_ATTEMPTS - 1) > timedelta(hours=3)
