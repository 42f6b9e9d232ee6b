"""Workers that die, or lose their database, while a mail is in their hands."""

from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from contacts.mail import deliver
from contacts.models import Contact, Delivery
from contacts.models.delivery_state import MOST_ATTEMPTS
from contacts.models.lease import held
from tests.contacts.deliveries.sending import query, sending
from tests.contacts.deliveries.trying import again
from tests.contacts.outbox import ana, message, state, verbs
from tests.smtp import Behaviour, Server
from tests.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_sweep_leaves_alone_what_a_living_worker_sends(smtp: Server) -> None:
    delivery = message()
    with sending(smtp, delivery):
        Delivery.objects.sweep()
        assert state(delivery) == "sending"
    assert state(delivery) == "sent"


def test_a_sweep_notes_at_once_what_a_dead_worker_was_sending() -> None:
    contact = ana()
    delivery = message(contact)
    [taken, _token] = Delivery.claim(delivery.pk)
    taken.hand_over()
    Delivery.objects.sweep()
    assert state(delivery) == "uncertain"
    assert delivery.error == "The program that was sending it stopped before it noted the answer."
    assert verbs(contact) == ["message.queued"]


def test_what_a_dead_worker_had_not_begun_to_hand_over_is_tried_again(smtp: Server) -> None:
    contact = ana()
    delivery = message(contact)
    [of_the_dead, _token] = Delivery.claim(delivery.pk)
    Delivery.objects.sweep()
    assert state(delivery) == "queued"
    assert delivery.error == "Sending it was interrupted before anything had left."
    assert not of_the_dead.hand_over()  # should it live after all
    again(delivery)
    assert state(delivery) == "sent"
    assert not of_the_dead.hand_over()
    assert len(smtp.received) == 1
    assert verbs(contact) == ["message.queued"]


def test_a_mail_whose_workers_die_each_time_is_left_to_a_person() -> None:
    delivery = message()
    for _attempt in range(MOST_ATTEMPTS):
        assert state(delivery) == "queued"
        Delivery.objects.filter(pk=delivery.pk).update(due_at=timezone.now())
        Delivery.claim(delivery.pk)
        Delivery.objects.sweep()
    assert state(delivery) == "uncertain"


def test_what_an_older_release_was_sending_may_have_left() -> None:
    delivery = message()
    # As it claims: it knows nothing of `unsent_attempt`.
    Delivery.objects.update(state="sending", attempts=1)
    Delivery.objects.sweep()
    assert state(delivery) == "uncertain"


def test_a_worker_that_lost_its_database_before_the_text_hands_nothing_over(
    smtp: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    hand_over = Delivery.hand_over

    def cut_off(delivery: Delivery) -> bool:
        connection.connection.close()
        return hand_over(delivery)

    monkeypatch.setattr(Delivery, "hand_over", cut_off)
    delivery = message()
    deliver(delivery.pk)
    assert state(delivery) == "queued"
    assert delivery.error == "Sending it was interrupted before anything had left."
    assert not smtp.texts.acquire(blocking=False)
    monkeypatch.undo()
    again(delivery)
    assert state(delivery) == "sent"
    assert len(smtp.received) == 1


def test_a_worker_whose_database_went_away_notes_what_it_knows_over_a_new_connection(
    smtp: Server,
) -> None:
    known = {"sent": Behaviour(), "failed": Behaviour(text="550 No")}
    for end, behaviour in known.items():
        delivery = message()
        with sending(smtp, delivery, text=behaviour.text):
            assert query("""
                SELECT bool_and(pg_terminate_backend(pid, 5000))
                FROM pg_locks WHERE locktype = 'advisory'
            """)
            Delivery.objects.sweep()
            assert state(delivery) == "uncertain"
        assert state(delivery) == end


def test_a_contact_deleted_while_its_mail_is_sent_disturbs_nobody(
    smtp: Server, caplog: Any
) -> None:
    for text in ("", "550 No", "451 Later"):
        contact = ana()
        with sending(smtp, message(contact), text=text), transaction.atomic():
            Contact.objects.locked(contact.pk).delete()
        assert not Delivery.objects.filter(contact=contact.pk).exists()
    assert not [record for record in caplog.records if record.name != "mail.log"]


def test_four_mails_on_their_way_hold_four_connections_and_no_transaction(smtp: Server) -> None:
    deliveries = [message() for _ in range(4)]
    with sending(smtp, *deliveries):
        holding = "SELECT count(DISTINCT pid) FROM pg_locks WHERE locktype = 'advisory'"
        assert query(holding) == 4
        assert query(f"""
            SELECT array_agg(DISTINCT state) FROM pg_stat_activity
            WHERE pid IN ({holding.replace("count(DISTINCT pid)", "pid")})
        """) == ["idle"]
    assert set(Delivery.objects.values_list("state", flat=True)) == {"sent"}
    assert query(holding) == 0


class TestLease:
    def test_one_holds_it_until_the_block_ends(self) -> None:
        key = message().pk

        def look() -> bool:
            with held(key) as ours:
                return ours

        with held(key) as ours:
            assert ours
            assert at_once(look) == [False]
        assert at_once(look) == [True]

    def test_it_ends_with_the_session_that_held_it(self) -> None:
        key = message().pk

        def die() -> None:
            with held(key):
                connection.connection.close()

        at_once(die)
        with held(key) as ours:
            assert ours
