"""Two presses at the same moment, and taking back what is leaving."""

from datetime import timedelta
from functools import partial

import pytest
from django.core import mail as outbox
from django.test import Client
from django.urls import reverse
from uuid_utils.compat import uuid7

from contacts import mail
from contacts.models import Contact, Delivery, Message
from tests.builders import make_user
from tests.contacts.messages.writing import write
from tests.threads import at_once

pytestmark = pytest.mark.django_db


@pytest.mark.django_db(transaction=True)
def test_two_presses_at_the_same_moment_make_one_message(ana: Contact) -> None:
    mia, pk = make_user(name="Mia"), str(uuid7())

    def press() -> int:
        client = Client()
        client.force_login(mia)
        return write(client, ana, id=pk).status_code

    assert at_once(press, press) == [303, 303]
    assert (Message.objects.count(), Delivery.objects.count()) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_what_is_taken_back_while_it_leaves_is_either_sent_or_cancelled(ana: Contact) -> None:
    mia = make_user(name="Mia")
    for _round in range(5):
        outbox.outbox.clear()
        message = Message.send(ana, author=mia, address=ana.email, body="Hello", grace=timedelta(0))
        delivery, client = message.delivery, Client()
        client.force_login(mia)
        cancel = reverse("message_cancel", args=[message.pk])
        at_once(partial(mail.deliver, delivery.pk), partial(client.post, cancel))
        delivery.refresh_from_db()
        assert (delivery.state, len(outbox.outbox)) in {("sent", 1), ("cancelled", 0)}
