"""What changes about users is an event: who it is, whether the account is open, how it signs in."""

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.db import IntegrityError, transaction
from django.test import Client

from accounts.models import User
from activity.context import acting
from activity.models import ActivityEvent
from tests.activity.user_events import happened, values, verbs
from tests.builders import make_user

pytestmark = pytest.mark.django_db


PASSWORD = "a riverbed in June"


@pytest.fixture
def ben() -> User:
    return make_user(name="Ben", password=PASSWORD)


def make_passkey(user: User, name: str = "Laptop") -> Authenticator:
    data = {"name": name, "credential": {"id": "x"}}
    return Authenticator.objects.create(user=user, type="webauthn", data=data)


def test_a_new_user_is_one_event_that_holds_the_role_and_no_password() -> None:
    ada = make_user(name="Ada")
    with acting(actor=ada, channel="admin"):
        ben = make_user("manager", name="Ben", password=PASSWORD)
    [event] = ActivityEvent.objects.filter(object_id=ben.pk)
    assert (event.verb, event.actor_id, event.contact_id) == ("user.created", ada.pk, None)
    assert event.payload["state"] == {
        "email": "ben@annals.example",
        "name": "Ben",
        "active": True,
        "superuser": False,
        "roles": ["manager"],
        "permissions": [],
    }
    assert "pass" not in str(event.payload)


def test_a_new_name_and_address_say_what_they_were(ben: User) -> None:
    ben.name, ben.email = "Ben Mwangi", "Ben.Mwangi@annals.example"
    [event] = happened(ben, ben.save)
    assert event.verb == "user.renamed"
    assert values(event) == {
        "Name": ("Ben", "Ben Mwangi"),
        "Email address": ("ben@annals.example", "ben.mwangi@annals.example"),
    }


def test_switching_off_and_on_are_events_in_bulk_too(ben: User) -> None:
    mia, everybody = make_user(name="Mia"), User.objects.all()
    assert verbs(ben, lambda: everybody.update(is_active=False)) == ["user.deactivated"]
    assert ActivityEvent.objects.filter(object_id=mia.pk).first().verb == "user.deactivated"
    assert verbs(ben, lambda: everybody.update(is_active=False)) == []
    ben.is_active = True
    assert verbs(ben, lambda: User.objects.bulk_update([ben], ["is_active"])) == ["user.activated"]


def test_users_made_in_bulk_are_events() -> None:
    eve, joe = (User(email=f"{name}@annals.example", name=name) for name in ("eve", "joe"))
    assert verbs(eve, lambda: User.objects.bulk_create([eve, joe])) == ["user.created"]
    assert ActivityEvent.objects.get(object_id=joe.pk).payload["name"] == "joe"


def test_several_changes_at_once_are_an_event_each(ben: User) -> None:
    ben.name, ben.is_active, ben.is_superuser = "Ben M.", False, True
    ben.set_password("another riverbed")
    assert verbs(ben, ben.save) == [
        "user.renamed", "user.deactivated", "user.role_changed", "user.password_changed",
    ]  # fmt: skip


def test_preferences_and_visits_are_nobodys_business(ben: User) -> None:
    ben.time_zone, ben.theme = "Africa/Nairobi", "dark"
    assert happened(ben, ben.save) == []
    assert happened(ben, lambda: ben.save(update_fields=["last_login"])) == []
    assert happened(ben, lambda: User.objects.update(language="de")) == []


def test_a_change_that_is_rolled_back_leaves_no_event(ben: User) -> None:
    def fail() -> None:
        with transaction.atomic():
            ben.assign_role("administrator")
            raise IntegrityError

    with pytest.raises(IntegrityError):
        fail()
    assert ActivityEvent.objects.get(object_id=ben.pk).verb == "user.created"
    assert User.objects.get(pk=ben.pk).role == "member"


def test_a_password_that_is_only_kept_in_a_stronger_form_was_not_changed(
    ben: User, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
    monkeypatch.setattr(PBKDF2PasswordHasher, "iterations", 2)
    ben.set_password(PASSWORD)
    ben.save()
    monkeypatch.setattr(PBKDF2PasswordHasher, "iterations", 3)
    [event] = happened(ben, lambda: ben.check_password(PASSWORD))
    assert event.payload["rehashed"] is True
    assert User.objects.get(pk=ben.pk).check_password(PASSWORD)


def test_a_closed_account_says_nothing_of_who_it_was(ben: User) -> None:
    make_passkey(ben, "Ben’s laptop")
    events = happened(ben, ben.close)
    assert {event.verb for event in events} == {"user.closed", "user.passkey_removed"}
    assert not any("Ben" in str(event.payload) or "ben@" in str(event.payload) for event in events)


def test_passkeys_come_and_go_with_an_event(ben: User) -> None:
    [added] = happened(ben, lambda: make_passkey(ben))
    assert (added.verb, added.payload["passkey"]) == ("user.passkey_added", "Laptop")
    passkey = Authenticator.objects.get()
    assert verbs(ben, passkey.record_usage) == []
    assert verbs(ben, passkey.delete) == ["user.passkey_removed"]


def test_ben_changes_his_password(client: Client, ben: User) -> None:
    client.force_login(ben)
    form = {"oldpassword": PASSWORD, "password1": "A new day 2026", "password2": "A new day 2026"}
    [event] = happened(ben, lambda: client.post("/accounts/password/change/", form))
    assert (event.verb, event.actor_id) == ("user.password_changed", ben.pk)
    assert "new day" not in str(event.payload)
