"""Messages: written once, to one of the contact's own addresses."""

import json
from datetime import timedelta

import pytest
from django.core import mail as outbox
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from uuid_utils.compat import uuid7

from accounts.models import User
from activity.models import ActivityEvent
from contacts import mail
from contacts.models import Contact, Delivery, Message
from tests.builders import make_contact, make_user
from tests.contacts.messages.writing import HTMX, leave, text, write

pytestmark = pytest.mark.django_db


def test_mia_writes_to_ana_and_finds_it_on_her_page(client: Client, mia: User, ana) -> None:
    answer = write(client, ana, "See **page 4**", subject="Training dates")
    assert (answer.status_code, answer.headers["Location"]) == (303, ana.get_absolute_url())
    page = client.get(ana.get_absolute_url())
    assert "<strong>page 4</strong>" in page.content.decode()
    assert "Mia is sending a message" in text(page.content)
    assert "Training dates" in text(page.content)
    assert "Leaves in 10 seconds" in text(page.content)
    assert ActivityEvent.objects.filter(verb="message.queued").count() == 1


def test_it_leaves_after_the_time_to_think_again(client: Client, mia: User, ana: Contact) -> None:
    before = timezone.now()
    write(client, ana)
    after = timezone.now()
    delivery = Delivery.objects.get()
    assert before + timedelta(seconds=9) < delivery.due_at < after + timedelta(seconds=12)
    mail.deliver(delivery.pk)
    assert not outbox.outbox
    leave()
    assert Delivery.objects.get().state == "sent"


def test_without_time_to_think_it_leaves_at_once(client, mia, ana, settings) -> None:
    settings.MESSAGE_GRACE_SECONDS = 0
    answer = write(client, ana, headers=HTMX, newest="0")
    assert json.loads(answer.headers["HX-Trigger"])["toast"]["text"] == "It is on its way."
    assert json.loads(answer.headers["HX-Trigger"])["toast"]["undo"] == ""
    assert Delivery.objects.get().due_at <= timezone.now()


def test_htmx_gets_the_row_an_empty_composer_and_a_way_to_undo(client, mia, ana) -> None:
    newest = ActivityEvent.objects.latest("id").pk
    pk = str(uuid7())
    answer = write(client, ana, "Hello Ana", HTMX, id=pk, newest=newest, subject="Dates")
    page = answer.content.decode()
    assert answer.status_code == 200
    composer = page.partition('id="composer"')[2].partition("</section>")[0]
    assert 'aria-current="page"' in composer.partition('id="tab-message"')[2]
    assert "Hello Ana" not in composer
    assert "Dates" not in composer
    assert pk not in composer
    assert f'id="message-{pk}"' in page
    toast = json.loads(answer.headers["HX-Trigger"])["toast"]
    assert toast["text"] == "Leaves in 10 seconds"
    assert toast["undo"] == reverse("message_cancel", args=[pk])


def test_sending_a_message_twice_makes_one(client: Client, mia: User, ana: Contact) -> None:
    pk = uuid7()
    for _again in range(3):
        assert write(client, ana, id=str(pk)).status_code == 303
    assert Message.objects.get().pk == pk
    assert Delivery.objects.count() == 1


def test_an_id_that_is_taken_by_another_message_is_refused(client, mia, ana) -> None:
    pk = str(uuid7())
    write(client, ana, "Mine", id=pk)
    other = make_contact(given_name="Ann", emails=["ann@calder.example"])
    assert write(client, other, "Never", id=pk).status_code == 403
    client.force_login(make_user(name="Ben"))
    assert write(client, ana, "Never", id=pk).status_code == 403
    assert Message.objects.get().body == "Mine"


def test_the_address_is_one_of_the_contacts_own(client: Client, mia: User, ana: Contact) -> None:
    write(client, ana, address="OFFICE@calder.example")
    assert Delivery.objects.get().recipient == "office@calder.example"
