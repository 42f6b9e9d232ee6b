"""Users who were changed past the log: by hand, with the guards switched off."""

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group
from django.db import connection

from accounts.models import User
from activity.ledger.verification.findings import Finding
from activity.ledger.verification.users import check_users
from activity.models import ActivityEvent
from tests.activity.ledger.tampering import forge, verified
from tests.builders import make_user

pytestmark = pytest.mark.django_db
PASSKEY = {"type": "webauthn", "data": {"name": "Laptop", "credential": {}}}


@pytest.fixture
def ben() -> User:
    """Return Ben, who was a member and is a viewer, with a passkey; there is Mia, too."""
    ben = make_user(name="Ben")
    ben.assign_role("viewer")
    Authenticator.objects.create(user=ben, **PASSKEY)
    Authenticator.objects.create(user=ben, **PASSKEY).delete()
    make_user(name="Mia")
    return ben


def forge_passkeys(sql: str, *parameters: Any) -> None:
    """Run a statement about passkeys behind their guards."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
        cursor.execute("ALTER TABLE mfa_authenticator DISABLE TRIGGER USER")
        cursor.execute(sql, parameters)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE mfa_authenticator ENABLE TRIGGER USER")


def newest_event(user: User, *verbs: str) -> int:
    return ActivityEvent.objects.filter(object_id=user.pk, verb__in=verbs).latest("id").pk


def test_users_who_changed_through_their_models_do_not_drift(ben: User) -> None:
    ben.close()
    assert list(check_users()) == []
    assert not [found for found in verified() if found[0] == "drift"]


def test_rights_that_were_given_by_hand_are_named(ben: User) -> None:
    group = Group.objects.get(name="administrator")
    forge("UPDATE accounts_user SET is_superuser = true WHERE id = %s", ben.pk)
    sql = "INSERT INTO accounts_user_groups (user_id, group_id) VALUES (%s, %s)"
    forge(sql, ben.pk, group.pk)
    event = newest_event(ben, "user.role_changed")
    [found] = check_users()
    assert (found.kind, found.event) == ("drift", event)
    assert found.expected.startswith(f"user {ben.pk} as recorded, in ")
    assert set(found.expected.partition(", in ")[2].split(", ")) == {"roles", "superuser"}
    assert ("drift", event) in verified()


def test_a_user_who_was_slipped_in_is_named(ben: User) -> None:
    sql = (
        "INSERT INTO accounts_user (id, email, name, password, is_active, is_superuser,"
        " date_joined, time_zone, language, theme) VALUES (gen_random_uuid(), 'eve@x.example',"
        " 'Eve', '!', true, true, now(), 'UTC', 'en', 'system')"
    )
    forge(sql)
    eve = User.objects.get(name="Eve")
    assert list(check_users()) == [
        Finding("drift", None, f"a record of user {eve.pk}; there is none")
    ]


def test_a_user_who_was_taken_away_is_named(ben: User) -> None:
    mia = User.objects.get(name="Mia")
    forge("DELETE FROM accounts_user_groups WHERE user_id = %s", mia.pk)
    forge("DELETE FROM accounts_user WHERE id = %s", mia.pk)
    assert list(check_users()) == [
        Finding(
            "drift",
            newest_event(mia, "user.created"),
            f"user {mia.pk}, who is never deleted; it is gone",
        )
    ]


@pytest.mark.parametrize(
    ("sql", "there"),
    [
        ("DELETE FROM mfa_authenticator WHERE user_id = %s", 0),
        (
            "INSERT INTO mfa_authenticator (user_id, type, data, created_at)"
            " VALUES (%s, 'webauthn', '{}', now())",
            2,
        ),
    ],
    ids=["taken away", "slipped in"],
)
def test_passkeys_that_were_changed_by_hand_are_named(ben: User, sql: str, there: int) -> None:
    forge_passkeys(sql, ben.pk)
    event = newest_event(ben, "user.passkey_added", "user.passkey_removed")
    text = f"as many passkeys of user {ben.pk} as recorded, 1; there are {there}"
    assert list(check_users()) == [Finding("drift", event, text)]
