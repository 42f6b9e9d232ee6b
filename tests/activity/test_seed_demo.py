"""The demo's data: the same for the same seed, believable, and as well recorded as any other."""

import os
from collections import Counter
from collections.abc import Iterable
from io import StringIO
from itertools import pairwise
from statistics import median
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from activity.demo import world
from activity.filters import Filters
from activity.ledger.sealing import seal_pending
from activity.ledger.verification.run import Verification
from activity.management.commands import seed_demo
from activity.models import ActivityEvent, ActivityOrigin
from activity.timeline import Fold, read
from contacts.models import Comment, Contact, DeletedContact, ImportRun, Tag, Tracked
from tests.builders import make_contact, make_user

pytestmark = pytest.mark.django_db


def seed(**arguments: Any) -> str:
    out = StringIO()
    call_command("seed_demo", stdout=out, **arguments)
    # The checks that wait for the end of the transaction.
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
    return out.getvalue()


def story() -> list[tuple[Any, ...]]:
    """Return all that happened: what, to whom, and what it says."""
    rows = ActivityEvent.objects.order_by("id").values_list("verb", "object_id", "payload")
    return [(verb, object_id, _without_secrets(payload)) for verb, object_id, payload in rows]


def _without_secrets(payload: dict[str, Any] | None) -> dict[str, Any] | None:
    return payload and {name: value for name, value in payload.items() if name != "fingerprints"}


def made_twice(**arguments: Any) -> Iterable[tuple[list[Any], list[Any]]]:
    """Yield who is there and what happened, of two makings in an empty database."""
    for _ in range(2):
        undo = transaction.savepoint()
        seed(**arguments)
        yield list(Contact.objects.order_by("id").values_list("id", "sort_name", "emails")), story()
        transaction.savepoint_rollback(undo)


def names_of_indexes() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexname FROM pg_indexes WHERE schemaname = 'public'")
        return {name for (name,) in cursor.fetchall()}


def not_as_recorded(model: type[Tracked]) -> int:
    """Return how many rows differ from their newest version in the history."""
    history = model.history.model
    columns = [field.column for field in history.tracked_fields]
    row, version = (
        ", ".join(f'{table}."{name}"' for name in columns) for table in ("row", "version")
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*) FROM {model._meta.db_table} row LEFT JOIN LATERAL ("
            f" SELECT * FROM {history._meta.db_table} WHERE id = row.id"
            " ORDER BY version DESC LIMIT 1) version ON true"
            f" WHERE ROW({row}) IS DISTINCT FROM ROW({version})"
        )
        return cursor.fetchone()[0]


def test_the_same_seed_makes_the_same_demo() -> None:
    [first, second] = made_twice(contacts=12, events=300, seed=7)
    assert first == second


def test_another_seed_makes_another_demo() -> None:
    undo = transaction.savepoint()
    seed(contacts=60, events=400, seed=1)
    first = story()
    transaction.savepoint_rollback(undo)
    seed(contacts=60, events=400, seed=2)
    assert story() != first


@pytest.mark.parametrize("events", [900, 901, 902, 903, 904])
def test_it_makes_as_many_as_it_was_asked_for_and_says_so(events: int) -> None:
    said = seed(contacts=70, events=events, seed=events)
    assert Contact.objects.count() == 70
    assert ActivityEvent.objects.count() == events
    assert said.startswith(f"70 contacts, {events} events in ")


def test_it_makes_a_single_contact_without_a_word(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("seed_demo", "--contacts=1", "--events=1", verbosity=0)
    assert [contact.name for contact in Contact.objects.all()] == ["Liam O’Donoghue"]
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("make", [make_contact, make_user])
def test_it_refuses_a_database_in_which_somebody_works(make: Any) -> None:
    make()
    with pytest.raises(CommandError) as refusal:
        seed()
    assert str(refusal.value) == (
        "This database has users or contacts already; demo data is for an empty one."
    )
    assert refusal.value.returncode == 1
    assert User.objects.count() + Contact.objects.count() == 1


@pytest.mark.parametrize("number", ["0", "-3", "many"])
def test_it_says_what_is_wrong_with_a_number(number: str) -> None:
    with pytest.raises(CommandError, match=f"{number} is not a whole number above 0"):
        call_command("seed_demo", f"--contacts={number}")


def test_what_it_makes_is_recorded_like_anything_else() -> None:
    seed(contacts=80, events=1200)
    assert not_as_recorded(Contact) == 0
    assert not_as_recorded(Comment) == 0
    for model in (Contact, Comment):
        versions = model.history.values_list("id", "version").order_by("id", "version")
        newest = dict(versions)
        assert newest == dict(model.objects.values_list("id", "version"))
        assert len(versions) == sum(newest.values())
    origins = ActivityOrigin.objects.in_bulk()
    assert all(event.origin_id in origins for event in ActivityEvent.objects.all())


def test_events_stand_in_the_order_in_which_they_happened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seed_demo, "BATCH", 100)
    seed(contacts=80, events=900)
    moments = ActivityEvent.objects.order_by("id").values_list("occurred_at", flat=True)
    assert all(earlier <= later for earlier, later in pairwise(moments))
    assert (moments.last() - moments[0]).days in {363, 364}
    for contact in Contact.objects.all():
        newest = ActivityEvent.objects.of(contact.pk)[0]
        assert abs((newest.occurred_at - contact.last_activity_at).total_seconds()) <= 1
        assert contact.created_at == ActivityEvent.objects.of(contact.pk).last().occurred_at


def test_the_size_of_batches_makes_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    undo = transaction.savepoint()
    seed(contacts=60, events=500)
    whole = story()
    transaction.savepoint_rollback(undo)
    monkeypatch.setattr(seed_demo, "BATCH", 37)
    seed(contacts=60, events=500)
    assert story() == whole


@pytest.mark.django_db(transaction=True)
def test_several_processes_make_the_same_demo_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    indexes = names_of_indexes()
    with transaction.atomic():
        seed(contacts=60, events=600)
        alone = story()
        transaction.set_rollback(True)
    monkeypatch.setattr(seed_demo, "BATCH", 150)
    monkeypatch.setattr(seed_demo, "AT_ONCE", 0)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    monkeypatch.setattr(world, "BLOCK", 40)
    seed(contacts=60, events=600)
    assert story() == alone
    assert names_of_indexes() == indexes


def test_a_few_contacts_have_most_of_the_events() -> None:
    seed(contacts=300, events=6_000)
    events = ActivityEvent.objects.exclude(contact_id=None).values_list("contact_id", flat=True)
    counts = sorted(Counter(events).values(), reverse=True)
    assert counts[0] > 50 * median(counts)
    assert median(counts) > 2


def test_what_it_makes_can_be_sealed_and_verified() -> None:
    seed(contacts=60, events=500)
    assert seal_pending() >= 500
    assert not [str(each) for each in Verification().run() if not each.is_notice]


def test_a_batch_takes_about_as_many_queries_whether_it_is_small_or_large() -> None:
    def queries(**arguments: int) -> int:
        undo = transaction.savepoint()
        with CaptureQueriesContext(connection) as captured:
            seed(**arguments)
        transaction.savepoint_rollback(undo)
        return len(captured)

    assert queries(contacts=1600, events=1700) <= queries(contacts=200, events=300) + 20


def test_nothing_in_it_breaks_a_rule_of_the_forms() -> None:
    seed(contacts=400, events=800)
    for contact in Contact.objects.all():
        contact.full_clean()
        assert all(email.endswith(".example") for email in contact.emails)
    assert set(Tag.objects.values_list("name", flat=True)) >= {
        tag for contact in Contact.objects.all() for tag in contact.tags
    }


def test_the_default_demo_shows_what_annals_can_do(client: Client) -> None:
    seed()
    verbs = Counter(ActivityEvent.objects.values_list("verb", flat=True))
    assert verbs.keys() >= {
        "contact.created", "contact.imported", "contact.updated", "contact.archived",
        "contact.restored", "contact.deleted", "comment.added", "comment.edited",
        "comment.deleted", "import.finished", "privacy.erased",
    }  # fmt: skip
    assert Contact.objects.count() == 40
    archived = ActivityEvent.objects.filter(verb="contact.archived")
    assert all(event.payload["reason"] for event in archived)
    busiest = Counter(ActivityEvent.objects.values_list("contact_id", flat=True)).most_common(1)
    assert busiest[0][1] >= 300
    assert any(
        isinstance(row, Fold)
        for contact in Contact.objects.all()
        for day in read(contact.pk, Filters()).days
        for row in day.rows
    )
    client.force_login(User.objects.get(email="ada@annals.example"))
    gone = DeletedContact.objects.get()
    assert client.get(f"/contacts/{gone.pk}/").status_code == 410
    run = ImportRun.objects.get()
    assert (run.created, run.skipped, run.failed) == (6, 1, 1)
    assert client.get(run.get_absolute_url()).status_code == 200


@pytest.mark.parametrize("email", ["ada", "max", "mia", "vic"])
def test_each_of_its_people_can_sign_in(client: Client, email: str) -> None:
    seed(contacts=1, events=1)
    assert client.login(email=f"{email}@annals.example", password="annals-demo")


def test_nobody_in_it_does_what_their_role_forbids() -> None:
    seed()
    needed = {
        "contact.deleted": "contacts.delete_contact",
        "contact.imported": "contacts.import_contacts",
        "import.finished": "contacts.import_contacts",
        "message.queued": "contacts.add_message",
        "invitation.sent": "contacts.add_invitation",
        "share.sent": "contacts.add_share",
    }
    people = User.objects.in_bulk()
    for event in ActivityEvent.objects.filter(actor_type="user"):
        right = needed.get(event.verb, "contacts.add_comment")
        assert people[event.actor_id].has_perm(right), event
