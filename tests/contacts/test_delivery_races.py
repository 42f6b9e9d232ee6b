"""Several workers, people and sweeps at one mail: it leaves once, or not at all."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.utils import timezone

from contacts.mail import deliver
from contacts.models import Contact, Delivery, Message
from tests.contacts.deliveries.sending import query, sending
from tests.contacts.outbox import ana, message, mia, state
from tests.smtp import Behaviour, Server
from tests.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 10


def test_of_eight_claims_one_succeeds() -> None:
    for _round in range(ROUNDS):
        delivery = message()
        claims = at_once(*[lambda pk=delivery.pk: Delivery.claim(pk)] * 8)
        assert sum(claim is not None for claim in claims) == 1
        assert (state(delivery), delivery.attempts) == ("sending", 1)


def test_of_eight_workers_at_one_mail_one_sends_it(smtp: Server) -> None:
    delivery = message()
    at_once(*[lambda: deliver(delivery.pk)] * 8)
    assert (state(delivery), delivery.attempts) == ("sent", 1)
    assert len(smtp.received) == 1


def test_a_second_worker_leaves_a_mail_alone_while_the_first_one_sends_it(smtp: Server) -> None:
    delivery = message()
    with sending(smtp, delivery):
        deliver(delivery.pk)
        assert state(delivery) == "sending"
    assert state(delivery) == "sent"
    assert len(smtp.received) == 1


def test_either_a_person_cancels_or_a_worker_sends_never_both(smtp: Server) -> None:
    ends = set()
    for _round in range(ROUNDS):
        delivery = message()
        smtp.received.clear()

        def cancel(pk: UUID = delivery.message.pk) -> bool:
            with transaction.atomic():
                sent = Message.objects.get(pk=pk)
                Contact.objects.locked(sent.contact_id)
                return sent.cancel(by=mia())

        cancelled, _sent = at_once(cancel, lambda pk=delivery.pk: deliver(pk))
        assert state(delivery) == ("cancelled" if cancelled else "sent")
        assert len(smtp.received) == (not cancelled)
        ends.add(cancelled)
    assert ends <= {True, False}


@pytest.mark.parametrize("verb", ["archive", "delete", "opt_out"])
def test_a_contact_may_change_in_any_way_while_its_mails_fail(smtp: Server, verb: str) -> None:
    for _round in range(ROUNDS // 2):
        contact = ana()
        deliveries = [message(contact), message(contact)]
        smtp.next.clear()
        smtp.behave(*[Behaviour(recipient="550 No")] * 2)

        def act(pk: UUID = contact.pk) -> None:
            with transaction.atomic():
                locked = Contact.objects.locked(pk)
                getattr(locked, verb)(**({"source": "team"} if verb == "opt_out" else {}))

        at_once(act, *[lambda pk=each.pk: deliver(pk) for each in deliveries])
        states = set(Delivery.objects.filter(contact=contact).values_list("state", flat=True))
        assert states <= {"failed", "cancelled"}


def test_who_deletes_a_contact_and_who_notes_a_failure_do_not_wait_for_each_other() -> None:
    contact = ana()
    [delivery, _token] = Delivery.claim(message(contact).pk)
    long_ago = timezone.now() - timedelta(hours=1)  # then an event also writes to its contact
    Contact.objects.filter(pk=contact.pk).update(last_activity_at=long_ago)

    def note() -> bool:
        try:
            return delivery.failed("No such user here.")
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            locked = Contact.objects.locked(contact.pk)
            noted = pool.submit(note)
            waits = "SELECT count(*) FROM pg_locks WHERE NOT granted"
            while not query(waits) and not noted.done():
                pass
            locked.delete()
        assert noted.result(timeout=10) is False
