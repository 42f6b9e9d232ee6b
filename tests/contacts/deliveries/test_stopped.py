"""What may not leave any more, and news that comes late."""

import pytest
from django.utils import timezone

from contacts.mail import deliver
from contacts.models import Contact, Delivery, Link, Message
from tests.contacts.deliveries.trying import again
from tests.contacts.outbox import ana, invitation, message, share, state, verbs
from tests.smtp import Server

pytestmark = pytest.mark.django_db


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
