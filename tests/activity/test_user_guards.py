"""At COMMIT the database refuses what changes about users without an event that says so."""

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group, Permission
from django.db import IntegrityError, connection, models, transaction

from accounts.models import User
from tests.activity.users_by_hand import ADD, administrators, assert_refused, run
from tests.builders import make_user

pytestmark = pytest.mark.django_db(transaction=True)


Membership = User.groups.through


@pytest.fixture
def ben() -> User:
    return make_user(name="Ben")


def test_a_role_given_by_raw_sql_is_refused(ben: User) -> None:
    assert_refused(lambda: run(ADD, ben.pk, administrators().pk), "accounts_user_groups")
    assert User.objects.get().role == "member"


def test_a_role_taken_by_raw_sql_is_refused(ben: User) -> None:
    sql = "DELETE FROM accounts_user_groups WHERE user_id = %s"
    assert_refused(lambda: run(sql, ben.pk), "accounts_user_groups")


def test_a_role_replaced_by_raw_sql_is_refused(ben: User) -> None:
    sql = "UPDATE accounts_user_groups SET group_id = %s WHERE user_id = %s"
    assert_refused(lambda: run(sql, administrators().pk, ben.pk), "accounts_user_groups")


def test_a_role_handed_to_another_user_by_raw_sql_is_refused(ben: User) -> None:
    ada = make_user(name="Ada")
    sql = "UPDATE accounts_user_groups SET user_id = %s WHERE user_id = %s"
    assert_refused(lambda: run(sql, ben.pk, ada.pk), "accounts_user_groups")


def test_roles_given_in_bulk_are_refused(ben: User) -> None:
    rows = [Membership(user=ben, group=administrators())]
    assert_refused(lambda: Membership.objects.bulk_create(rows), "accounts_user_groups")


def test_a_role_given_as_a_row_is_refused(ben: User) -> None:
    def create() -> None:
        Membership.objects.create(user=ben, group=administrators())

    assert_refused(create, "accounts_user_groups")


def test_roles_taken_in_bulk_are_refused(ben: User) -> None:
    assert_refused(Membership.objects.all().delete, "accounts_user_groups")
    assert_refused(
        lambda: Membership.objects.update(group=administrators()), "accounts_user_groups"
    )


def test_a_group_does_not_go_with_its_members(ben: User) -> None:
    assert_refused(Group.objects.get(name="member").delete, "accounts_user_groups")


def test_rows_copied_in_are_refused(ben: User) -> None:
    group = administrators().pk

    def copy() -> None:
        sql = "COPY accounts_user_groups (user_id, group_id) FROM STDIN"
        with connection.cursor() as cursor, cursor.copy(sql) as stream:
            stream.write_row((ben.pk, group))

    assert_refused(copy, "accounts_user_groups")


def test_a_right_given_by_raw_sql_is_refused(ben: User) -> None:
    right = Permission.objects.get(codename="access_admin")
    sql = "INSERT INTO accounts_user_user_permissions (user_id, permission_id) VALUES (%s, %s)"
    assert_refused(lambda: run(sql, ben.pk, right.pk), "accounts_user_user_permissions")


@pytest.mark.parametrize(
    "change",
    [
        "is_superuser = true",
        "is_active = false",
        "email = 'mallory@evil.example'",
        "name = 'Mallory'",
        "password = 'md5$x$y'",
        "is_active = false, name = '', password = '!', email = id || '@closed.invalid'",
    ],
)
def test_a_user_changed_by_raw_sql_is_refused(ben: User, change: str) -> None:
    assert_refused(lambda: run(f"UPDATE accounts_user SET {change}"), "accounts_user")
    base = User._base_manager
    assert_refused(lambda: models.QuerySet.update(base.all(), name="Eve"), "accounts_user")


def test_preferences_can_be_changed_by_raw_sql(ben: User) -> None:
    run("UPDATE accounts_user SET time_zone = 'Africa/Nairobi', last_login = now()")
    assert User.objects.get().time_zone == "Africa/Nairobi"


def test_a_user_inserted_by_hand_is_refused() -> None:
    eve = User(email="eve@annals.example", name="Eve", password="!")
    assert_refused(lambda: eve.save_base(raw=True, force_insert=True), "accounts_user")


def test_no_user_is_deleted_whatever_was_recorded(ben: User) -> None:
    def delete() -> None:
        ben.groups.clear()
        run("DELETE FROM accounts_user")

    assert_refused(delete, "accounts_user", "23001")
    assert_refused(lambda: run("UPDATE accounts_user SET id = uuidv7()"), "accounts_user", "23001")


@pytest.mark.parametrize(
    "table",
    [
        *("accounts_user", "accounts_user_groups", "accounts_user_user_permissions"),
        "mfa_authenticator",
    ],
)
def test_no_table_of_users_is_truncated(ben: User, table: str) -> None:
    reason = "TRUNCATE of (accounts|mfa|activity|contacts)_"
    with pytest.raises(IntegrityError, match=reason), transaction.atomic():
        run(f"TRUNCATE {table} CASCADE")
    assert User.objects.get().role == "member"


def test_replica_mode_switches_no_guard_off(ben: User) -> None:
    def promote() -> None:
        run("SET LOCAL session_replication_role = replica")
        run(ADD, ben.pk, administrators().pk)

    assert_refused(promote, "accounts_user_groups")


def test_passkeys_are_neither_added_nor_replaced_nor_removed_by_hand(ben: User) -> None:
    data = {"name": "Laptop", "credential": {"id": "x"}}
    passkey = Authenticator(user=ben, type="webauthn", data=data)
    assert_refused(lambda: Authenticator.objects.bulk_create([passkey]), "mfa_authenticator")
    with transaction.atomic():
        passkey = Authenticator.objects.create(user=ben, type="webauthn", data=data)
    for sql in (
        "DELETE FROM mfa_authenticator",
        """UPDATE mfa_authenticator SET data = '{"name": "Laptop", "credential": {"id": "y"}}'""",
    ):
        assert_refused(lambda sql=sql: run(sql), "mfa_authenticator")
    passkey.data["name"] = "Old laptop"
    passkey.save()
    assert str(Authenticator.objects.get()) == "Old laptop"
