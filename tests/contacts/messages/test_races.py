"""Two presses at the same moment, and taking back what is leaving."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.core import mail as outbox
from django.db import connection
from django.test import Client
from django.urls import reverse
from uuid_utils.compat import uuid7

from contacts import mail
from contacts.models import Contact, Delivery, Message
from tests.builders import make_user
from tests.contacts.messages.writing import write

pytestmark = pytest.mark.django_db


@pytest.mark.django_db(transaction=True)
def test_two_presses_at_the_same_moment_make_one_message(ana: Contact) -> None:
    mia, pk, meet = make_user(name="Mia"), str(uuid7()), Barrier(2)

    def press() -> int:
        client = Client()
        client.force_login(mia)
        meet.wait()
        try:
            return write(client, ana, id=pk).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        answers = [each.result() for each in [pool.submit(press), pool.submit(press)]]
    assert answers == [303, 303]
    assert (Message.objects.count(), Delivery.objects.count()) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_what_is_taken_back_while_it_leaves_is_either_sent_or_cancelled(ana: Contact) -> None:
    mia = make_user(name="Mia")
    for _round in range(5):
        outbox.outbox.clear()
        message = Message.send(ana, author=mia, address=ana.email, body="Hello", grace=timedelta(0))
        delivery, meet = message.delivery, Barrier(2)

        def leave_now(pk=delivery.pk, meet=meet) -> None:
            meet.wait()
            try:
                mail.deliver(pk)
            finally:
                connection.close()

        with ThreadPoolExecutor(1) as pool:
            leaving = pool.submit(leave_now)
            client = Client()
            client.force_login(mia)
            meet.wait()
            client.post(reverse("message_cancel", args=[message.pk]))
            leaving.result()
        delivery.refresh_from_db()
        assert (delivery.state, len(outbox.outbox)) in {("sent", 1), ("cancelled", 0)}
