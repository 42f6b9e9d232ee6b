"""Pins: entries of a timeline that everybody sees above it, five at most."""

import json

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from activity.context import acting
from activity.models import ActivityEvent
from contacts.models import Contact, Message, Pin
from tests.activity.happenings import change, happen
from tests.activity.pins.pressing import HTMX, entry, pinned, press, text
from tests.builders import make_comment, make_contact, make_user

pytestmark = pytest.mark.django_db


def test_a_comment_is_pinned_above_the_timeline_for_everybody(client, mia, amara) -> None:
    with acting(actor=mia, channel="web"):
        make_comment(amara, mia, "Ring the **back** door")
    assert 'id="pinned"></section>' in client.get(amara.get_absolute_url()).content.decode()
    answer = press(client, entry(amara))
    assert answer.status_code == 303
    assert answer.headers["Location"].endswith(f"#e-{entry(amara).pk}")
    client.force_login(make_user(name="Vic"))
    shown = pinned(client, amara)
    assert "Comment by Mia Ring the back door" in text(shown.encode())
    assert f"?at={entry(amara).pk}#e-{entry(amara).pk}" in shown
    assert "Unpin" not in shown
    assert "Ring the back door" in text(pinned(client, amara, kind="contact.created").encode())


def test_messages_and_other_entries_can_be_pinned_too(client, mia, amara) -> None:
    Message.receive(amara, body="Friday it is", address=amara.email)
    happen(amara, actor=mia, changes=[change(new="Lagos")])
    for verb in ("message.received", "contact.updated", "contact.created"):
        assert press(client, entry(amara, verb)).status_code == 303
    shown = text(pinned(client, amara).encode())
    for words in ("Friday it is", "Changed: ", "Contact created"):
        assert words in shown


def test_the_fragment_shows_the_pin_above_and_on_the_row(client, mia, amara) -> None:
    make_comment(amara, mia, "Call back")
    answer = press(client, entry(amara), headers=HTMX)
    page = answer.content.decode()
    assert 'hx-target="#pinned"' in page
    assert f'hx-target="#e-{entry(amara).pk}"' in page
    assert 'aria-pressed="true"' in page
    assert json.loads(answer.headers["HX-Trigger"])["toast"]["text"] == "Pinned"
    whole = client.get(amara.get_absolute_url()).content.decode()
    assert whole.count('aria-pressed="true" aria-label="Pin"') == 1
    answer = press(client, entry(amara), "unpin", HTMX)
    assert 'aria-pressed="true"' not in answer.content.decode()
    told = json.loads(answer.headers["HX-Trigger"])["toast"]
    assert told["undo"] == reverse("entry_pin", args=[amara.pk, entry(amara).pk])
    assert pinned(client, amara) == ' id="pinned">'


def test_open_pages_of_others_hear_of_a_pin(client: Client, mia: User, amara: Contact) -> None:
    make_comment(amara, mia, "Call back")
    comment = entry(amara)
    told = {"newest": comment.pk, "since": timezone.now().timestamp()}
    press(client, comment)
    client.force_login(make_user(name="Max"))
    path = reverse("timeline_newer", args=[amara.pk])
    answer = client.get(path, told, headers=HTMX).content.decode()
    assert 'hx-target="#pinned"' in answer
    assert "Comment by" in answer
    assert f'hx-target="#e-{comment.pk}"' in answer
    assert 'aria-pressed="true"' in answer


def test_a_row_drawn_anew_still_says_that_it_is_pinned(client, mia, amara) -> None:
    comment = make_comment(amara, mia, "Call back")
    press(client, entry(amara))
    row = client.get(reverse("comment_row", args=[comment.pk])).content.decode()
    assert 'aria-pressed="true"' in row


def test_pinning_is_recorded_and_takes_no_line_of_the_timeline(client, mia, amara) -> None:
    make_comment(amara, mia)
    press(client, entry(amara))
    press(client, entry(amara), "unpin")
    event = entry(amara, "entry.unpinned")
    assert event.object_id == entry(amara).uid
    assert event.payload == {"actor": "Mia", "number": entry(amara).pk}
    assert entry(amara, "entry.pinned").payload == event.payload
    told = f"Mia pinned entry {entry(amara).pk}"
    assert told not in text(client.get(amara.get_absolute_url()).content)
    client.force_login(make_user(name="Ada"))
    history = text(client.get(reverse("contact_history", args=[amara.pk])).content)
    assert told in history
    assert told.replace("pinned", "unpinned") in history


def test_pressing_twice_makes_one_pin_and_one_event(client, mia, amara) -> None:
    make_comment(amara, mia)
    for act in ("pin", "pin", "unpin", "unpin"):
        assert press(client, entry(amara), act).status_code == 303
    verbs = ActivityEvent.objects.filter(verb__startswith="entry.").order_by("id")
    assert [event.verb for event in verbs] == ["entry.pinned", "entry.unpinned"]


def test_a_pinned_comment_that_is_deleted_says_so_without_its_text(client, mia, amara) -> None:
    comment = make_comment(amara, mia, "Secret words")
    press(client, entry(amara))
    comment.remove(by=mia)
    shown = text(pinned(client, amara).encode())
    assert "deleted since" in shown
    assert "Secret words" not in shown


def test_pins_of_a_merged_contact_stand_above_its_survivor(client, mia, amara) -> None:
    other = make_contact(given_name="A.", family_name="Okonkwo")
    for number in range(3):
        make_comment(amara, mia, f"Remark {number}")
        make_comment(other, mia, f"From the other card {number}")
    for event in ActivityEvent.objects.filter(contact_id=other.pk, verb="comment.added"):
        press(client, event)
    amara.absorb(other, {})
    assert "From the other card 2" in text(pinned(client, amara).encode())
    assert (
        press(client, entry(other), "unpin")
        .headers["Location"]
        .startswith(amara.get_absolute_url())
    )
    mine = ActivityEvent.objects.filter(contact_id=amara.pk, verb="comment.added")
    assert [press(client, event).status_code for event in mine] == [303] * 3
    assert press(client, entry(other)).status_code == 409


def test_pins_go_with_their_contact(client, mia, amara) -> None:
    make_comment(amara, mia)
    press(client, entry(amara))
    amara.delete(reason="Asked")
    assert not Pin.objects.exists()
