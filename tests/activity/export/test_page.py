"""Exporting from the log's page: what one asks for, and what one gets."""

import hashlib
from datetime import timedelta

import orjson
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from uuid_utils.compat import uuid7

from accounts.models import User
from activity.ledger.sealing import seal_pending
from activity.models import ActivityEvent, ActivityExport, Checkpoint
from contacts.models import Contact
from tests.activity.export.asking import ask, content, events_in, exported, verbs
from tests.activity.happenings import happen
from tests.builders import make_contact, make_user

pytestmark = pytest.mark.django_db


def test_a_few_entries_are_there_at_once(client: Client, max_: User, amara: Contact) -> None:
    happen(amara, times=3)
    seal_pending()
    answer = client.get(ask(client).url)
    file = content(answer)
    assert answer["Content-Type"] == "application/x-ndjson"
    assert answer["Content-Disposition"].startswith('attachment; filename="activity-20')
    assert answer["Content-Length"] == str(len(file))
    assert "no-store" in answer["Cache-Control"]
    page = client.get(ActivityExport.objects.get().get_absolute_url())
    assert "NDJSON, all entries" in page.content.decode()
    assert len(events_in(file)) == 4
    last = orjson.loads(file.splitlines()[-1])
    assert last == {"checkpoint": Checkpoint.objects.get().note, "events": 4}


def test_its_page_shows_the_fingerprint_and_the_checkpoint(
    client: Client, max_: User, amara: Contact
) -> None:
    seal_pending()
    file = exported(client, format="csv")
    export = ActivityExport.objects.get()
    page = client.get(export.get_absolute_url()).content.decode()
    assert hashlib.sha256(file).hexdigest() in page
    assert Checkpoint.objects.get().note.splitlines()[2] in page
    assert "1 entry" in page
    listed = client.get(reverse("activity_exports")).content.decode()
    assert export.sha256[:12] in listed


@pytest.mark.parametrize("language", ["en", "de"])  # in which it is recorded makes no difference
def test_it_is_an_event(client: Client, max_: User, amara: Contact, language: str) -> None:
    User.objects.filter(pk=max_.pk).update(language=language)
    file = exported(client, format="csv", kind="comment.deleted", actor=max_.pk)
    event = ActivityEvent.objects.get(verb="export.created")
    assert (event.actor_id, event.contact_id, event.channel) == (max_.pk, None, "web")
    assert event.payload == {
        "actor": "Max",
        "format": "csv",
        "events": 0,
        "filters": "kinds: Comment deleted; by Max",
        "sha256": hashlib.sha256(file).hexdigest(),
        "complete": False,
    }


def test_the_event_does_not_repeat_what_was_searched_for(
    client: Client, max_: User, amara: Contact
) -> None:
    exported(client, q="Okonkwo", contact=amara.pk)
    event = ActivityEvent.objects.get(verb="export.created")
    assert event.payload["filters"] == f"contact {amara.pk}; with certain words"
    page = client.get(ActivityExport.objects.get().get_absolute_url()).content.decode()
    assert "NDJSON, contact Amara Okonkwo; with “Okonkwo”" in page


def test_it_honours_the_filters(client: Client, max_: User, amara: Contact) -> None:
    happen(amara, "contact.archived")
    happen(make_contact(given_name="Ben"), "contact.archived")
    archived = events_in(exported(client, kind="contact.archived", contact=amara.pk))
    assert [(e["verb"], e["contact"]) for e in archived] == [("contact.archived", str(amara.pk))]
    assert verbs(exported(client, **{"from": "2026-05-06", "to": "2026-05-06"})) == {
        "contact.archived"
    }


def test_days_begin_where_the_reader_lives(client: Client, max_: User, amara: Contact) -> None:
    happen(amara, "contact.archived")  # at noon in UTC
    days = {"from": "2026-05-07"}
    assert events_in(exported(client, kind="contact.archived", **days)) == []
    max_.time_zone = "Pacific/Kiritimati"  # 14 hours ahead
    max_.save()
    assert len(events_in(exported(client, kind="contact.archived", **days))) == 1


def test_a_double_click_makes_one(client: Client, max_: User, amara: Contact) -> None:
    pk = uuid7()
    first, second = ask(client, pk), ask(client, pk)
    assert first.url == second.url
    assert ActivityExport.objects.count() == 1
    assert ActivityEvent.objects.filter(verb="export.created").count() == 1


def test_the_same_form_sent_later_or_for_something_else_makes_another(
    client: Client, max_: User, amara: Contact
) -> None:
    pk = uuid7()
    ask(client, pk)
    assert ask(client, pk, format="csv").status_code == 303
    assert ActivityExport.objects.count() == 2
    ActivityExport.objects.update(created_at=timezone.now() - timedelta(minutes=2))
    happen(amara)
    assert len(events_in(content(client.get(ask(client, pk).url)))) == 4


def test_the_id_of_somebody_else_s_export_makes_one_s_own(
    client: Client, max_: User, amara: Contact
) -> None:
    pk = uuid7()
    ask(client, pk)
    client.force_login(make_user("manager", "Ben"))
    answer = ask(client, pk)
    assert str(pk) not in answer.url
    assert client.get(answer.url).status_code == 200


@pytest.mark.parametrize(
    ("asked", "problem"),
    [
        ({"format": "xml"}, "Choose a format: CSV or NDJSON."),
        ({"format": ""}, "Choose a format: CSV or NDJSON."),
        ({"id": "1"}, "The page was out of date."),
    ],
)
def test_a_form_that_makes_no_sense_leads_back_to_the_same_entries(
    client: Client, max_: User, asked: dict[str, str], problem: str
) -> None:
    answer = ask(client, kind="contact.created", **asked)
    assert answer.status_code == 422
    assert problem in answer.content.decode()
    assert "/activity/?kind=contact.created" in answer.content.decode()
    assert not ActivityExport.objects.exists()


def test_somebody_with_three_on_the_way_waits(client: Client, max_: User, amara: Contact) -> None:
    for _number in range(3):
        waiting = ActivityExport.objects.create(made_by=max_, format="csv")
    answer = ask(client)
    assert answer.status_code == 429
    assert "3 of your exports are not finished yet." in answer.content.decode()
    waiting.cancel()
    assert ask(client).status_code == 303
