"""Complete: at COMMIT the database refuses every change that has no event of its own."""

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from uuid_utils.compat import uuid7

from activity import guards
from activity.models import ActivityEvent
from activity.recording import Draft, write
from contacts.models import Comment, Contact
from tests.builders import make_comment, make_contact, make_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def amara() -> Contact:
    return make_contact()


@pytest.fixture
def comment(amara: Contact) -> Comment:
    return make_comment(amara)


def run(sql: str, *parameters: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)


def refusal(change: Callable[[], Any]) -> Any:
    """Make a change in a transaction of its own and return why the database refused it."""
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        change()
    return refused.value.__cause__


def assert_refused(change: Callable[[], Any], table: str, row: Any) -> None:
    reason = refusal(change)
    assert reason.sqlstate == "23514"
    assert reason.diag.table_name == table
    assert table in str(reason)
    assert str(row) in str(reason)


def city_of(contact: Contact) -> str:
    return Contact.objects.get(pk=contact.pk).city


def test_a_contact_changed_behind_the_models_back_is_refused(amara: Contact) -> None:
    def change() -> None:
        run("UPDATE contacts_contact SET city = 'Paris' WHERE id = %s", amara.pk)

    assert_refused(change, "contacts_contact", amara.pk)
    assert city_of(amara) == ""


def test_a_comment_changed_behind_the_models_back_is_refused(comment: Comment) -> None:
    def change() -> None:
        run("UPDATE contacts_comment SET body = 'Never' WHERE id = %s", comment.pk)

    assert_refused(change, "contacts_comment", comment.pk)
    assert Comment.objects.get().body == "Call back"


def test_a_contact_inserted_by_hand_is_refused() -> None:
    row = Contact(given_name="Eve")
    assert_refused(lambda: row.save_base(raw=True, force_insert=True), "contacts_contact", row.pk)
    assert not Contact.objects.exists()


def test_a_comment_inserted_by_hand_is_refused(amara: Contact) -> None:
    row = Comment(contact=amara, author=make_user(), body="Sent by nobody")
    assert_refused(lambda: row.save_base(raw=True, force_insert=True), "contacts_comment", row.pk)
    assert not Comment.objects.exists()


def test_a_contact_deleted_by_hand_is_refused(amara: Contact) -> None:
    def change() -> None:
        run("DELETE FROM contacts_contact WHERE id = %s", amara.pk)

    assert_refused(change, "contacts_contact", amara.pk)
    assert Contact.objects.exists()


def test_a_comment_deleted_by_hand_is_refused(comment: Comment) -> None:
    assert_refused(comment.delete, "contacts_comment", comment.pk)
    assert Comment.objects.exists()


def test_another_event_of_a_row_does_not_cover_its_deletion(amara: Contact) -> None:
    def change() -> None:
        Contact.objects.get(pk=amara.pk).archive()
        run("DELETE FROM contacts_contact WHERE id = %s", amara.pk)

    assert_refused(change, "contacts_contact", amara.pk)
    assert Contact.objects.active().exists()


def test_a_tombstone_does_not_cover_the_deletion_of_its_comment(comment: Comment) -> None:
    def change() -> None:
        comment.remove(by=comment.author)
        run("DELETE FROM contacts_comment WHERE id = %s", comment.pk)

    assert_refused(change, "contacts_comment", comment.pk)
    assert Comment.objects.get().deleted_at is None


def test_rows_copied_in_are_refused(comment: Comment) -> None:
    columns = "id, version, contact_id, author_id, body, created_at"
    pk = uuid7()

    def copy() -> None:
        sql = f"COPY contacts_comment ({columns}) FROM STDIN"
        with connection.cursor() as cursor, cursor.copy(sql) as stream:
            values = (pk, 1, comment.contact_id, comment.author_id, "x", comment.created_at)
            stream.write_row(values)

    assert_refused(copy, "contacts_comment", pk)
    assert Comment.objects.count() == 1


@pytest.mark.parametrize("table", ["contacts_contact", "contacts_comment"])
def test_tracked_tables_cannot_be_truncated(table: str, amara: Contact) -> None:
    reason = refusal(lambda: run(f"TRUNCATE {table} CASCADE"))
    assert reason.sqlstate == "23001"
    assert "TRUNCATE of contacts_" in str(reason)
    assert Contact.objects.exists()


def test_an_event_that_was_rolled_back_to_a_savepoint_covers_nothing(amara: Contact) -> None:
    def change() -> None:
        run("UPDATE contacts_contact SET city = 'Paris' WHERE id = %s", amara.pk)
        savepoint = transaction.savepoint()
        write([Draft("contact.updated", "contact", amara.pk, amara.pk, {})])
        transaction.savepoint_rollback(savepoint)

    assert_refused(change, "contacts_contact", amara.pk)


def test_a_save_does_not_cover_what_is_changed_by_hand_beside_it(amara: Contact) -> None:
    def change() -> None:
        amara.city = "London"
        amara.save()
        run("UPDATE contacts_contact SET city = 'Paris' WHERE id = %s", amara.pk)

    assert_refused(change, "contacts_contact", amara.pk)
    assert city_of(amara) == ""


def test_setting_the_version_back_does_not_hide_a_change(amara: Contact) -> None:
    def change() -> None:
        amara.city = "London"
        amara.save()
        sql = "UPDATE contacts_contact SET city = 'Paris', version = %s WHERE id = %s"
        run(sql, amara.version, amara.pk)
        run("UPDATE contacts_contact SET version = %s WHERE id = %s", amara.version, amara.pk)

    assert_refused(change, "contacts_contact", amara.pk)


def test_replica_mode_switches_no_guard_off(amara: Contact) -> None:
    def change() -> None:
        run("SET LOCAL session_replication_role = replica")
        run("UPDATE contacts_contact SET city = 'Paris' WHERE id = %s", amara.pk)

    assert_refused(change, "contacts_contact", amara.pk)


def test_an_event_of_another_row_covers_nothing(amara: Contact) -> None:
    def change() -> None:
        make_contact(given_name="Ben")
        run("UPDATE contacts_contact SET city = 'Paris' WHERE id = %s", amara.pk)

    assert_refused(change, "contacts_contact", amara.pk)


def test_an_event_of_an_earlier_transaction_covers_nothing(amara: Contact) -> None:
    """Transaction numbers start again after a restore: the same number alone proves nothing."""

    def change() -> None:
        run("ALTER TABLE activity_event DISABLE TRIGGER annals_stamp")
        run(
            "INSERT INTO activity_event (uid, verb, version, occurred_at, recorded_at, actor_type,"
            " object_type, object_id, contact_id, origin_id, channel, payload, salt, commitment,"
            " xid)"
            " SELECT gen_random_uuid(), verb, version, occurred_at, %s, actor_type, object_type,"
            " object_id, contact_id, origin_id, channel, payload, salt, commitment,"
            " pg_current_xact_id()::text::bigint FROM activity_event WHERE object_id = %s",
            datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC),
            amara.pk,
        )
        run("ALTER TABLE activity_event ENABLE ALWAYS TRIGGER annals_stamp")
        run(
            "INSERT INTO contacts_historicalcontact SELECT (jsonb_populate_record(h,"
            ' \'{"version": 2, "history_id": 999999}\')).* FROM contacts_historicalcontact h'
            " WHERE id = %s",
            amara.pk,
        )
        run("UPDATE contacts_contact SET city = 'Paris' WHERE id = %s", amara.pk)

    assert_refused(change, "contacts_contact", amara.pk)


def test_the_base_manager_is_no_way_round(amara: Contact) -> None:
    base = Contact._base_manager
    assert_refused(lambda: base.update(city="Paris"), "contacts_contact", amara.pk)


def test_what_is_not_content_needs_no_event(amara: Contact) -> None:
    events = ActivityEvent.objects.count()
    run("UPDATE contacts_contact SET last_activity_at = now() WHERE id = %s", amara.pk)
    amara.refresh_from_db()
    assert (amara.version, ActivityEvent.objects.count()) == (1, events)


def test_tests_leave_the_guards_as_they_were() -> None:
    """The flush between tests lifts the guards against TRUNCATE, in its own transaction only."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text FROM pg_trigger"
            " WHERE tgname = 'annals_no_truncate' AND tgenabled = 'A'"
        )
        tables = {table for (table,) in cursor.fetchall()}
    tracked = ("contact", "comment", "message", "invitation", "share")
    assert tables == {
        "activity_event",
        "activity_origin",
        *guards.LEDGER_TABLES,
        *("accounts_user", "accounts_user_groups", "accounts_user_user_permissions"),
        *("mfa_authenticator", "socialaccount_socialaccount"),
        *("contacts_attachment", "contacts_commentfile", "contacts_delivery", "contacts_pin"),
        *(f"contacts_{noun}" for noun in tracked),
        *(f"contacts_historical{noun}" for noun in tracked),
    }
