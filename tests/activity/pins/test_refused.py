"""What cannot be pinned: a sixth entry, one from elsewhere, and none by who may not comment."""

from functools import partial

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from accounts.models import User
from activity.models import ActivityEvent
from contacts.models import Contact, Pin
from contacts.models.pin import MOST
from tests.activity.pins.pressing import HTMX, entry, press, text
from tests.builders import make_comment, make_contact, make_user
from tests.threads import at_once

pytestmark = pytest.mark.django_db

both = pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "fragment"])


@both
def test_a_sixth_pin_is_refused_with_what_to_do(client, mia, amara, headers) -> None:
    for number in range(MOST + 1):
        make_comment(amara, mia, f"Remark {number}")
    events = list(ActivityEvent.objects.filter(verb="comment.added"))
    for event in events[:MOST]:
        press(client, event)
    refused = press(client, events[MOST], headers=headers)
    assert refused.status_code == 409
    said = refused.headers["HX-Trigger"] if headers else text(refused.content)
    assert "5 entries are pinned already. Unpin one of them first." in said
    assert Pin.objects.count() == MOST
    if not headers:  # which can be done at once
        assert refused.content.decode().count("formaction=") == MOST
    press(client, events[2], "unpin")
    assert press(client, events[MOST], headers=headers).status_code in (200, 303)


def test_the_database_itself_holds_no_sixth_pin(mia: User, amara: Contact) -> None:
    for number in range(MOST):
        comment = make_comment(amara, mia, f"Remark {number}")
        Pin.objects.add(amara, ActivityEvent.objects.get(object_id=comment.pk).pk, by=mia)
    for place in (MOST, MOST + 1, 0):
        with pytest.raises(IntegrityError), transaction.atomic():
            Pin.objects.create(contact=amara, event_id=99, place=place, pinned_by=mia)


@pytest.mark.django_db(transaction=True)
def test_six_pins_at_the_same_moment_are_five() -> None:
    amara, mia = make_contact(), make_user(name="Mia")
    for number in range(MOST + 1):
        make_comment(amara, mia, f"Remark {number}")
    events = list(ActivityEvent.objects.filter(verb="comment.added"))

    def pin(event: ActivityEvent) -> int:
        client = Client()
        client.force_login(mia)
        return press(client, event, headers=HTMX).status_code

    answers = at_once(*(partial(pin, event) for event in events))
    assert sorted(answers) == [200] * MOST + [409]
    assert Pin.objects.count() == MOST


def test_who_may_not_comment_pins_nothing_and_is_offered_nothing(client, mia, amara) -> None:
    make_comment(amara, mia)
    client.force_login(make_user(name="Vic"))
    assert press(client, entry(amara)).status_code == 403
    assert press(client, entry(amara), "unpin").status_code == 403
    assert "ev-pin" not in client.get(amara.get_absolute_url()).content.decode()
    client.force_login(User.objects.create_user("amara@calder.example", name="Amara"))
    assert press(client, entry(amara)).status_code in (403, 404)
    assert not Pin.objects.exists()


def test_only_what_stands_on_that_timeline_can_be_pinned(client, mia, amara) -> None:
    comment = make_comment(amara, mia)
    comment.edit("Call Ana back", 1)
    other = make_contact(given_name="Ana")
    for path in (
        reverse("entry_pin", args=[other.pk, entry(amara).pk]),
        reverse("entry_pin", args=[amara.pk, entry(amara, "comment.edited").pk]),
        reverse("entry_pin", args=[amara.pk, 10**18]),
    ):
        assert client.post(path).status_code == 404
    assert not Pin.objects.exists()
