"""The record of a contact: complete, in its own words, as each reader may see it."""

import datetime
import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from activity.catalogue import CATALOGUE, kind_of
from activity.context import acting
from activity.models import ActivityEvent
from contacts.models import Comment, Contact, Delivery, Message, Share
from tests.activity.happenings import happen
from tests.activity.history.pages import entry, html, shown, text
from tests.builders import make_comment, make_user

pytestmark = pytest.mark.django_db


def test_every_event_has_an_entry_also_what_a_timeline_shows_on_rows_only(
    client: Client, mia: User, amara: Contact
) -> None:
    comment = make_comment(amara, mia)
    comment.edit("Call back on 9th", comment.version)
    comment.remove(by=mia)
    events = ActivityEvent.objects.of(amara.pk)
    assert {"comment.edited", "comment.deleted"} <= {event.verb for event in events}
    assert shown(html(client, amara)) == [event.id for event in events]


def test_a_run_of_changes_is_not_folded(client: Client, mia: User, amara: Contact) -> None:
    for city in ("London", "Leeds", "Hull", "York"):
        amara.city = city
        amara.save()
    page = html(client, amara)
    assert len(shown(page)) == 5
    assert '<details class="fold"' not in page


def test_values_stand_side_by_side_with_the_numbers_of_their_versions(
    client: Client, mia: User, amara: Contact
) -> None:
    with acting(actor=mia):
        amara.job_title, amara.tags = "Director", ["VIP"]
        amara.save()
        amara.job_title = "Chair"
        amara.save()
    told = entry(html(client, amara), "contact.updated")
    assert "Mia changed 1 field" in told
    assert "Before version 2 After version 3" in told
    assert re.search(r"Job title Director .*Chair", told)
    assert "VIP" not in told  # what did not change is not in the comparison


def test_each_of_several_values_is_marked_where_only_one_side_has_it(
    client: Client, mia: User, amara: Contact
) -> None:
    amara.tags = ["Key account", "Renewal"]
    amara.save()
    amara.tags = ["Key account", "Expo"]
    amara.save()
    page = html(client, amara, kind="contact.updated")
    assert "<del>Renewal</del>" in page
    assert "<ins>Expo</ins>" in page
    assert "<del>Key account</del>" not in page


def test_also_changes_that_the_verb_says_are_compared(
    client: Client, mia: User, amara: Contact
) -> None:
    amara.archive("Paused")
    told = entry(html(client, amara), "contact.archived")
    assert "Reason Paused" in told
    assert re.search(r"Archived empty \w+day \d", told)


def test_an_event_that_changed_no_row_tells_of_no_version(
    client: Client, mia: User, amara: Contact
) -> None:
    message = Message.send(amara, author=mia, address="amara@calder.example", body="Hello")
    delivery = message.deliveries.get()
    Delivery.objects.filter(pk=delivery.pk).update(state="sending")
    delivery.refresh_from_db()
    delivery.failed("There is no such mailbox.")
    told = entry(html(client, amara), "message.failed")
    assert "There is no such mailbox." in told
    assert "version" not in told.lower()


def test_the_texts_of_messages_and_comments_are_there_in_full(
    client: Client, mia: User, amara: Contact
) -> None:
    long = "First line\n" + "word " * 400 + "end"
    make_comment(amara, mia, f"Only for us: {long}")
    Message.send(amara, author=mia, address="amara@calder.example", subject="Depot", body=long)
    page = html(client, amara)
    for verb in ("comment.added", "message.queued"):
        assert text(long) in entry(page, verb)
    assert "Subject Depot" in entry(page, "message.queued")


def test_what_people_wrote_is_shown_as_text(client: Client, mia: User, amara: Contact) -> None:
    make_comment(amara, mia, "<script>alert(1)</script>")
    amara.archive("<b>bold</b>")
    page = html(client, amara)
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<b>bold" not in page


def test_each_mail_stands_with_what_it_was_sent_for(
    client: Client, mia: User, amara: Contact
) -> None:
    share = Share.draft(
        amara, sender=mia, recipients=["a@x.example", "b@x.example"], fields=["emails"]
    )
    share.send()
    Delivery.objects.filter(recipient="b@x.example").update(
        state="bounced", error="Their mailbox is full.", finished_at=timezone.now(), attempts=3
    )
    told = entry(html(client, amara), "share.sent")
    assert "To a@x.example Queued" in told
    assert "To b@x.example Bounced" in told
    assert "3 attempts. Their mailbox is full." in told
    assert "Email: amara@calder.example" in told


@pytest.mark.parametrize(
    ("name", "reads"), [("Vic", False), ("Ben", False), ("Max", True), ("Ada", True)]
)
def test_what_a_deleted_comment_said_is_for_moderators(
    client: Client, amara: Contact, name: str, reads: bool
) -> None:
    mia = make_user(name="Mia")
    comment = make_comment(amara, mia, "The margin is forty percent")
    comment.edit("The margin is fifty percent", comment.version)
    comment.remove(by=mia)
    client.force_login(make_user(name=name))
    page = html(client, amara)
    assert ("forty percent" in page) is reads
    assert ("fifty percent" in page) is reads
    assert ("This comment was deleted" in page) is not reads
    assert "deleted a comment" in text(page)
    # nor can it be guessed by searching
    found = html(client, amara, q="FORTY percent")
    assert ("comment.added" in found.partition('id="record"')[2].partition("stretch")[2]) is reads


def test_a_comment_that_is_there_is_read_and_found_in_every_version(
    client: Client, mia: User, amara: Contact
) -> None:
    comment = make_comment(amara, mia, "Call on Monday")
    comment.edit("Call on Friday", comment.version)
    page = html(client, amara, q="monday")
    assert len(shown(page)) == 2  # the first text, and the edit that replaced it
    assert "Call on Monday" in page


def test_times_are_those_of_the_readers_zone(client: Client, amara: Contact) -> None:
    client.force_login(make_user(name="Kai", time_zone="Pacific/Kiritimati"))
    happen(amara, at=datetime.datetime(2026, 5, 6, 12, 0, 5, tzinfo=datetime.UTC))
    page = html(client, amara)
    assert "Thursday 7 May" in page
    assert "02:00:05" in page


def test_an_entry_of_a_kind_since_retired_is_drawn(
    client: Client, mia: User, amara: Contact, monkeypatch: Any
) -> None:
    monkeypatch.setitem(CATALOGUE, "contact.teleported", kind_of("contact.teleported"))
    happen(amara, "contact.teleported", distance="9 miles")
    monkeypatch.undo()
    told = entry(html(client, amara), "contact.teleported")
    assert "distance 9 miles" in told


def test_the_comment_of_somebody_who_was_renamed_keeps_its_actor(
    client: Client, mia: User, amara: Contact
) -> None:
    with acting(actor=mia):
        Comment(contact=amara, author=mia, body="Hello").save()
    mia.name = "Mia Lund"
    mia.save()
    told = entry(html(client, amara), "comment.added")
    assert "Mia commented" in told
