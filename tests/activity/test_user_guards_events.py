"""An event covers no other change of a user than the one it tells."""

import json

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import connection, transaction

from accounts.models import User
from activity.models import ActivityEvent
from activity.recording import Draft, write
from tests.activity.users_by_hand import ADD, administrators, assert_refused, run
from tests.builders import make_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def ben() -> User:
    return make_user(name="Ben")


def test_an_event_of_the_user_does_not_cover_what_it_does_not_say(ben: User) -> None:
    """A change through the model, and another one by hand after it in the same transaction."""

    def rename_and_promote() -> None:
        User.objects.update(name="Ben M.")
        run(ADD, ben.pk, administrators().pk)

    def demote_and_promote() -> None:
        ben.assign_role("viewer")
        run(ADD, ben.pk, administrators().pk)

    def rename_twice() -> None:
        User.objects.update(name="Ben M.")
        run("UPDATE accounts_user SET name = 'Mallory'")

    assert_refused(rename_and_promote, "accounts_user")
    assert_refused(demote_and_promote, "accounts_user_groups")
    assert_refused(rename_twice, "accounts_user")


def test_what_was_done_by_hand_before_a_change_is_not_covered_by_it(ben: User) -> None:
    def promote_and_rename() -> None:
        run("UPDATE accounts_user SET is_superuser = true")
        ben.name = "Ben M."
        ben.save(update_fields=["name"])

    assert_refused(promote_and_rename, "accounts_user")


def test_an_event_written_by_hand_must_say_what_is_true(ben: User) -> None:
    def lie() -> None:
        state = {"email": ben.email, "name": "Ben", "active": True, "superuser": False}
        payload = {"state": state | {"roles": ["viewer"], "permissions": []}}
        write([Draft("user.role_changed", "user", ben.pk, None, payload)])
        run(ADD, ben.pk, administrators().pk)

    assert_refused(lie, "accounts_user_groups")


def test_an_event_for_no_user_in_particular_covers_nobody(ben: User) -> None:
    def promote() -> None:
        write([Draft("user.role_changed", "user", None, None, {})])
        run(ADD, ben.pk, administrators().pk)

    assert_refused(promote, "accounts_user_groups")


def test_an_event_that_was_rolled_back_to_a_savepoint_covers_nothing(ben: User) -> None:
    def promote() -> None:
        savepoint = transaction.savepoint()
        ben.groups.add(administrators())
        transaction.savepoint_rollback(savepoint)
        run(ADD, ben.pk, administrators().pk)

    assert_refused(promote, "accounts_user_groups")


def test_the_database_reads_a_users_state_as_the_events_say_it(ben: User) -> None:
    """Sorted alike on both sides, also beyond ASCII."""
    for name in ("Zoë", "zebra", "Ärzte", "alpha", "Übung"):
        Group.objects.create(name=name)
    with transaction.atomic():
        ben.groups.set(Group.objects.all())
        ben.user_permissions.set(Permission.objects.all())
    newest = ActivityEvent.objects.filter(object_id=ben.pk).first()
    with connection.cursor() as cursor:
        cursor.execute("SELECT annals_user_state(%s)::text", [ben.pk])
        assert newest.payload["state"] == json.loads(cursor.fetchone()[0])
    ben.groups.clear()
    Group.objects.exclude(name__in=["viewer", "member", "manager", "administrator"]).delete()
