"""Sending a message again, and noting that it arrived."""

import pytest
from django.urls import reverse
from uuid_utils.compat import uuid7

from activity.models import ActivityEvent
from contacts.models import Contact, Delivery, Invitation
from tests.builders import make_user
from tests.contacts.message_rows.rows import HTMX, act, both, now, row, text, toast

pytestmark = pytest.mark.django_db


@both
@pytest.mark.parametrize("state", ["failed", "bounced", "cancelled", "uncertain"])
def test_what_did_not_arrive_is_sent_again(client, message, state, headers) -> None:
    now(message, state=state, attempts=1)
    answer = act(client, "message_retry", message.pk, headers)
    assert answer.status_code == (200 if headers else 303)
    newest = Delivery.objects.latest("id")
    assert (newest.state, newest.recipient) == ("queued", "ana@calder.example")
    assert Delivery.objects.count() == 2
    act(client, "message_retry", message.pk, headers)
    assert Delivery.objects.count() == 2


@pytest.mark.parametrize("state", ["queued", "sending", "sent"])
def test_what_is_on_its_way_or_arrived_is_not_sent_twice(client, message, state) -> None:
    now(message, state=state, attempts=1)
    answer = act(client, "message_retry", message.pk, HTMX)
    assert toast(answer)["text"] == "It is on its way already."
    assert Delivery.objects.count() == 1


def test_it_goes_to_another_address_of_the_contact(client, message) -> None:
    now(message, state="bounced")
    assert "office@calder.example" in row(client, message)
    act(client, "message_retry", message.pk, HTMX, address="office@calder.example")
    assert Delivery.objects.latest("id").recipient == "office@calder.example"
    assert "to office@calder.example" in text(row(client, message))


@both
def test_it_never_goes_to_somebody_elses_address(client, message, headers) -> None:
    now(message, state="bounced")
    answer = act(client, "message_retry", message.pk, headers, address="eve@evil.example")
    assert answer.status_code == 422
    said = toast(answer)["text"] if headers else text(answer.content.decode())
    assert "eve@evil.example is not an address of Ana" in said
    assert Delivery.objects.count() == 1


def test_it_does_not_go_again_to_an_address_that_was_taken_off(client, message, ana) -> None:
    now(message, state="bounced")
    ana.emails = ["new@calder.example"]
    ana.save()
    assert act(client, "message_retry", message.pk, HTMX).status_code == 422
    assert "new@calder.example" in row(client, message)
    assert act(client, "message_retry", message.pk, address="new@calder.example").status_code == 303


@both
def test_nothing_is_sent_again_to_whom_nothing_may_be_sent(client, message, ana, headers) -> None:
    now(message, state="failed")
    Contact.objects.get(pk=ana.pk).archive()
    answer = act(client, "message_retry", message.pk, headers)
    assert answer.status_code == 409
    assert "Restore this contact to write a message." in text(answer.content.decode())
    if headers:
        assert toast(answer)["text"] == "Ana is archived. Restore this contact first."
    assert Delivery.objects.count() == 1


@both
def test_somebody_who_asked_notes_that_it_arrived(client, message, headers) -> None:
    delivery = now(message, state="uncertain", attempts=1)
    answer = act(client, "delivery_arrived", delivery.pk, headers)
    assert answer.status_code == (200 if headers else 303)
    assert Delivery.objects.get().state == "sent"
    act(client, "delivery_arrived", delivery.pk, headers)
    assert ActivityEvent.objects.filter(verb="message.confirmed").count() == 1


@pytest.mark.parametrize("state", ["failed", "sending"])
def test_what_failed_or_is_just_being_sent_did_not_arrive(client, message, state) -> None:
    delivery = now(message, state=state)
    act(client, "delivery_arrived", delivery.pk)
    assert Delivery.objects.get().state == state


def test_a_viewer_changes_nothing_and_a_link_neither(client, message) -> None:
    delivery = Delivery.objects.get()
    addresses = [
        ("message_cancel", message.pk),
        ("message_retry", message.pk),
        ("delivery_arrived", delivery.pk),
    ]
    for name, pk in addresses:
        assert client.get(reverse(name, args=[pk])).status_code == 405
        assert client.post(reverse(name, args=[uuid7()])).status_code == 404
    client.force_login(make_user(name="Vic"))
    for name, pk in addresses:
        assert act(client, name, pk).status_code == 403
    assert Delivery.objects.get().state == "queued"


@both
def test_who_may_invite_notes_that_an_invitation_arrived(client, mia, ana, headers) -> None:
    max_ = make_user(name="Max")
    invitation = Invitation.send(ana, inviter=max_, email=ana.email, role="client")
    delivery = Delivery.objects.get()
    Delivery.objects.update(state="uncertain", attempts=1)
    assert act(client, "delivery_arrived", delivery.pk, headers).status_code == 403
    client.force_login(max_)
    answer = act(client, "delivery_arrived", delivery.pk, headers)
    assert answer.status_code == (200 if headers else 303)
    assert f"invitation-{invitation.pk}" in (
        answer.content.decode() if headers else answer.headers["Location"]
    )
    assert Delivery.objects.get().state == "sent"
