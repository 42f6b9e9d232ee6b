"""What people prove themselves with comes, is used up and goes with an event, and never without."""

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.socialaccount.models import SocialAccount
from django.contrib.sessions.models import Session
from django.db import transaction
from django.test import Client

from accounts.models import User
from activity.context import acting
from activity.ledger.verification.users import check_users
from activity.models import ActivityEvent
from tests.activity.user_events import happened, verbs
from tests.activity.users_by_hand import assert_refused, run
from tests.builders import make_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def ben() -> User:
    return make_user(name="Ben")


@transaction.atomic
def add_app(user: User) -> Authenticator:
    return TOTP.activate(user, generate_totp_secret()).instance


@transaction.atomic
def add_codes(user: User) -> RecoveryCodes:
    return RecoveryCodes.activate(user)


@transaction.atomic
def connect(user: User) -> SocialAccount:
    return SocialAccount.objects.create(user=user, provider="oidc", uid="7", extra_data={})


def test_an_app_comes_and_goes_with_an_event_that_holds_no_secret(ben: User) -> None:
    [added] = happened(ben, lambda: add_app(ben))
    assert (added.verb, added.payload) == ("user.totp_enabled", {"actor": None, "name": "Ben"})
    app = Authenticator.objects.get()
    assert verbs(ben, app.record_usage) == []
    assert verbs(ben, app.delete) == ["user.totp_disabled"]


def test_recovery_codes_are_made_used_and_removed_with_an_event(ben: User) -> None:
    [made] = happened(ben, lambda: add_codes(ben))
    assert (made.verb, made.payload) == ("user.recovery_codes_made", {"actor": None, "name": "Ben"})
    codes = Authenticator.objects.get().wrap()
    first, second, *_others = codes.generate_codes()
    assert verbs(ben, codes.mark_as_viewed) == []
    [used] = happened(ben, lambda: codes.validate_code(first))
    assert (used.verb, used.payload["left"]) == ("user.recovery_code_used", 9)
    assert first not in str(used.payload)
    assert happened(ben, lambda: codes.validate_code(first)) == []
    [used] = happened(ben, lambda: codes.validate_code(second))
    assert used.payload["left"] == 8
    assert verbs(ben, codes.instance.record_usage) == []
    assert verbs(ben, Authenticator.objects.all().delete) == ["user.recovery_codes_removed"]


def test_an_administrator_takes_away_all_factors_of_a_lost_phone(ben: User) -> None:
    ada, client = make_user(name="Ada"), Client()
    client.force_login(ben)
    with transaction.atomic():
        add_app(ben)
        add_codes(ben)
        data = {"name": "Phone", "credential": {"id": "x"}}
        Authenticator.objects.create(user=ben, type="webauthn", data=data)
    with acting(actor=ada, channel="admin"):
        events = happened(ben, ben.remove_second_factors)
    assert [event.verb for event in events][-1] == "user.second_factors_removed"
    assert {event.verb for event in events[:-1]} == {
        "user.totp_disabled",
        "user.recovery_codes_removed",
        "user.passkey_removed",
    }
    assert events[-1].payload["removed"] == ["totp", "recovery_codes", "webauthn"]
    assert {event.actor_id for event in events} == {ada.pk}
    assert not Authenticator.objects.exists()
    assert not Session.objects.exists()
    assert client.get("/preferences/").status_code == 302


def test_where_there_is_no_factor_nothing_is_taken_away(ben: User) -> None:
    Client().force_login(ben)
    assert happened(ben, ben.remove_second_factors) == []
    assert ben.remove_second_factors() == 0
    assert Session.objects.exists()


def test_a_closed_account_keeps_no_factor_and_says_nothing_of_who_it_was(ben: User) -> None:
    with transaction.atomic():
        add_app(ben)
        add_codes(ben)
        connect(ben)
    events = happened(ben, ben.close)
    assert {event.verb for event in events} == {
        "user.closed",
        "user.totp_disabled",
        "user.recovery_codes_removed",
        "user.oidc_removed",
    }
    assert "Ben" not in str([event.payload for event in events])
    assert not Authenticator.objects.exists()
    assert not SocialAccount.objects.exists()


def test_a_sign_in_service_is_connected_and_removed_with_an_event(ben: User) -> None:
    assert verbs(ben, lambda: connect(ben)) == ["user.oidc_connected"]
    account = SocialAccount.objects.get()
    account.extra_data = {"sub": "7"}
    assert verbs(ben, account.save) == []
    assert verbs(ben, account.delete) == ["user.oidc_removed"]


def test_no_app_is_added_replaced_or_removed_by_hand(ben: User) -> None:
    app = Authenticator(user=ben, type="totp", data={"secret": "x"})
    assert_refused(lambda: Authenticator.objects.bulk_create([app]), "mfa_authenticator")
    add_app(ben)
    for sql in (
        "DELETE FROM mfa_authenticator",
        """UPDATE mfa_authenticator SET data = '{"secret": "y"}'""",
        "UPDATE mfa_authenticator SET type = 'webauthn'",
    ):
        assert_refused(lambda sql=sql: run(sql), "mfa_authenticator")


def test_recovery_codes_are_neither_renewed_nor_given_back_by_hand(ben: User) -> None:
    codes = add_codes(ben)
    codes.validate_code(codes.generate_codes()[0])
    sql = "UPDATE mfa_authenticator SET data = data || %s::jsonb"
    for data in ('{"used_mask": 0}', '{"used_mask": 3}', '{"seed": "x"}'):
        assert_refused(lambda data=data: run(sql, data), "mfa_authenticator")


def test_an_event_of_a_used_code_gives_no_code_back(ben: User) -> None:
    codes = add_codes(ben)
    codes.validate_code(codes.generate_codes()[0])

    def use_one_and_give_back_another() -> None:
        codes.validate_code(codes.generate_codes()[1])
        run("""UPDATE mfa_authenticator SET data = data || '{"used_mask": 0}'""")

    assert_refused(use_one_and_give_back_another, "mfa_authenticator")


def test_no_sign_in_service_is_connected_moved_or_removed_by_hand(ben: User) -> None:
    mia = make_user(name="Mia")
    account = SocialAccount(user=ben, provider="oidc", uid="7", extra_data={})
    table = "socialaccount_socialaccount"
    assert_refused(lambda: SocialAccount.objects.bulk_create([account]), table)
    connect(ben)
    assert_refused(lambda: run(f"DELETE FROM {table}"), table)
    assert_refused(lambda: run(f"UPDATE {table} SET uid = '8'"), table)
    assert_refused(lambda: run(f"UPDATE {table} SET user_id = %s", mia.pk), table)


def test_what_was_slipped_in_past_the_guards_is_named(ben: User) -> None:
    add_app(ben)
    connect(ben)
    event = ActivityEvent.objects.get(verb="user.totp_enabled").pk
    with transaction.atomic():
        run("SET LOCAL session_replication_role = replica")
        for table in ("mfa_authenticator", "socialaccount_socialaccount"):
            run(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            run(f"DELETE FROM {table}")
        found = [(each.event, each.expected) for each in check_users()]
        transaction.set_rollback(True)
    assert found == [
        (event, f"as many authenticator apps of user {ben.pk} as recorded, 1; there are 0"),
        (
            event + 1,
            f"as many connections with a sign-in service of user {ben.pk} as recorded, 1;"
            " there are 0",
        ),
    ]
