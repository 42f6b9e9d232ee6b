"""Append-only: what was recorded stays as it was, whoever asks, in whatever mode."""

import hashlib
import hmac
from typing import Any

import pytest
import rfc8785
from django.db import IntegrityError, connection, transaction

from activity.models import ActivityEvent, ActivityOrigin
from activity.recording import Draft, write
from contacts.models import Contact
from tests.builders import make_comment, make_contact

pytestmark = pytest.mark.django_db
LOG = [
    "activity_event",
    "activity_origin",
    "contacts_historicalcontact",
    "contacts_historicalcomment",
]
COLUMN = {"activity_event": "verb", "activity_origin": "route"}


@pytest.fixture
def amara() -> Contact:
    """Return a contact with a comment, so that no table of the log is empty."""
    contact = make_contact()
    make_comment(contact)
    connection.check_constraints()
    return contact


def run(sql: str, *parameters: Any) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.rowcount


def assert_refused(sql: str, *parameters: Any, first: str = "") -> None:
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        if first:
            run(first)
        run(sql, *parameters)
    assert refused.value.__cause__.sqlstate == "23001"
    assert "only ever added" in str(refused.value)


def erasure_of(contact: Contact) -> int:
    [erasure] = write([Draft("privacy.erased", "contact", contact.pk, contact.pk, {})])
    return erasure


MODES = pytest.mark.parametrize("mode", ["", "SET LOCAL session_replication_role = replica"])
ERASE = "UPDATE activity_event SET payload = NULL, salt = NULL, erased_by = %s WHERE id = %s"


@MODES
@pytest.mark.parametrize("table", LOG)
def test_what_was_recorded_cannot_be_changed(table: str, mode: str, amara: Contact) -> None:
    column = COLUMN.get(table, "history_change_reason")
    assert_refused(f"UPDATE {table} SET {column} = 'forged'", first=mode)


@MODES
@pytest.mark.parametrize("table", LOG)
def test_what_was_recorded_cannot_be_deleted(table: str, mode: str, amara: Contact) -> None:
    assert_refused(f"DELETE FROM {table}", first=mode)


@MODES
@pytest.mark.parametrize("table", LOG)
def test_what_was_recorded_cannot_be_truncated(table: str, mode: str, amara: Contact) -> None:
    assert_refused(f"TRUNCATE {table}", first=mode)


def test_the_model_cannot_change_or_delete_an_event_either(amara: Contact) -> None:
    event = ActivityEvent.objects.first()
    event.verb = "contact.deleted"
    for change in (event.save, event.delete, ActivityEvent.objects.all().delete):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()


def test_an_erasure_takes_payload_and_salt_and_leaves_the_rest(amara: Contact) -> None:
    event = ActivityEvent.objects.get(verb="contact.created")
    assert run(ERASE, erasure_of(amara), event.pk) == 1
    erased = ActivityEvent.objects.get(pk=event.pk)
    assert erased.is_erased
    assert bytes(erased.commitment) == bytes(event.commitment)
    assert (erased.verb, erased.occurred_at, erased.actor_id) == (
        event.verb, event.occurred_at, event.actor_id,
    )  # fmt: skip


def test_an_erased_event_can_neither_come_back_nor_be_erased_again(amara: Contact) -> None:
    event = ActivityEvent.objects.get(verb="contact.created")
    run(ERASE, erasure_of(amara), event.pk)
    assert_refused(ERASE, erasure_of(amara), event.pk)
    back = (
        "UPDATE activity_event SET payload = '{}', salt = '\\x00', erased_by = NULL WHERE id = %s"
    )
    assert_refused(back, event.pk)


def test_an_erasure_names_an_erasure_of_the_same_contact(amara: Contact) -> None:
    event = ActivityEvent.objects.get(verb="contact.created")
    ben = make_contact(given_name="Ben")
    assert_refused(ERASE, erasure_of(ben), event.pk)
    assert_refused(ERASE, 999_999_999, event.pk)
    other = ActivityEvent.objects.get(verb="comment.added")
    assert_refused(ERASE, other.pk, event.pk)


@pytest.mark.parametrize(
    "change",
    [
        "verb = 'contact.deleted'",
        "actor_id = gen_random_uuid()",
        "occurred_at = now()",
        "commitment = '\\x00'",
        "xid = 1",
        "id = id + 1000000",
    ],
)
def test_nothing_else_changes_with_an_erasure(change: str, amara: Contact) -> None:
    event = ActivityEvent.objects.get(verb="contact.created")
    erase = ERASE.replace(" WHERE", f", {change} WHERE")
    assert_refused(erase, erasure_of(amara), event.pk)


@pytest.mark.parametrize("half", ["payload = NULL", "salt = NULL"])
def test_an_erasure_is_whole(half: str, amara: Contact) -> None:
    event = ActivityEvent.objects.get(verb="contact.created")
    assert_refused(
        f"UPDATE activity_event SET {half}, erased_by = %s WHERE id = %s",
        erasure_of(amara), event.pk,
    )  # fmt: skip


def test_an_origin_may_only_lose_its_address_and_browser(amara: Contact) -> None:
    assert run("UPDATE activity_origin SET address = NULL, user_agent = ''") == 1
    assert_refused("UPDATE activity_origin SET address = '192.0.2.1'")
    assert_refused("UPDATE activity_origin SET address = NULL, user_agent = '', actor_type = 'x'")


def test_a_version_goes_only_with_the_erasure_of_its_contact(amara: Contact) -> None:
    erasure_of(make_contact(given_name="Ben"))
    assert_refused("DELETE FROM contacts_historicalcontact WHERE id = %s", amara.pk)
    erasure_of(amara)
    assert run("DELETE FROM contacts_historicalcontact WHERE id = %s", amara.pk) == 1
    assert run("DELETE FROM contacts_historicalcomment WHERE contact_id = %s", amara.pk) == 1
    assert_refused("UPDATE contacts_historicalcontact SET given_name = 'x'")


def test_an_earlier_erasure_lets_no_version_go(amara: Contact) -> None:
    """Only those that go in its own transaction; of another one it has another number."""
    erasure = erasure_of(amara)
    run("ALTER TABLE activity_event DISABLE TRIGGER annals_guard")
    run("UPDATE activity_event SET xid = xid - 1 WHERE id = %s", erasure)
    run("ALTER TABLE activity_event ENABLE ALWAYS TRIGGER annals_guard")
    assert_refused("DELETE FROM contacts_historicalcontact WHERE id = %s", amara.pk)


def test_no_event_is_added_that_says_nothing(amara: Contact) -> None:
    event = ActivityEvent.objects.get(verb="contact.created")
    event.pk, event.uid = None, amara.pk
    event.payload, event.salt, event.erased_by = None, None, erasure_of(amara)
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        event.save(force_insert=True)
    assert refused.value.__cause__.sqlstate == "23001"
    assert "it says nothing" in str(refused.value)


def test_transaction_and_time_of_recording_are_the_databases_word(amara: Contact) -> None:
    event = ActivityEvent.objects.get(verb="contact.created")
    event.pk, event.uid, event.xid = None, amara.pk, 7
    event.recorded_at = event.occurred_at.replace(year=2001)
    event.save(force_insert=True)
    event.refresh_from_db()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()::text::bigint")
        assert event.xid == cursor.fetchone()[0]
    assert event.recorded_at.year > 2001


def test_the_commitment_binds_the_payload(amara: Contact) -> None:
    for event in ActivityEvent.objects.all():
        expected = hmac.new(bytes(event.salt), rfc8785.dumps(event.payload), hashlib.sha256)
        assert bytes(event.commitment) == expected.digest()
        assert len(event.salt) == 32


def test_no_two_events_share_a_salt(amara: Contact) -> None:
    salts = [bytes(event.salt) for event in ActivityEvent.objects.all()]
    assert len(set(salts)) == len(salts)
    assert ActivityOrigin.objects.exists()
