"""What changes about users is an event: who it is, what the account may do, how it signs in."""

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.contrib.auth.models import Group, Permission
from django.db import IntegrityError, connection, transaction
from django.test import Client

from accounts.models import User
from activity.context import acting
from activity.models import ActivityEvent
from tests.builders import make_user

pytestmark = pytest.mark.django_db
PASSWORD = "a riverbed in June"


@pytest.fixture
def ben() -> User:
    return make_user(name="Ben", password=PASSWORD)


def group(name: str) -> Group:
    return Group.objects.get(name=name)


def happened(user: User, change: Callable[[], Any]) -> list[ActivityEvent]:
    """Make a change and return the events of that user which it wrote, oldest first."""
    seen = set(ActivityEvent.objects.values_list("pk", flat=True))
    change()
    events = ActivityEvent.objects.filter(object_type="user", object_id=user.pk).order_by("pk")
    return [event for event in events if event.pk not in seen]


def verbs(user: User, change: Callable[[], Any]) -> list[str]:
    return [event.verb for event in happened(user, change)]


def values(event: ActivityEvent) -> dict[str, tuple[Any, Any]]:
    return {each["label"]: (each["old"], each["new"]) for each in event.payload["changes"]}


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


def test_another_role_is_one_event_with_both_roles(ben: User) -> None:
    [event] = happened(ben, lambda: ben.assign_role("manager"))
    assert event.verb == "user.role_changed"
    assert values(event) == {"Role": ("Member", "Manager")}
    assert event.payload["state"]["roles"] == ["manager"]


def test_the_role_held_already_is_no_event(ben: User) -> None:
    assert happened(ben, lambda: ben.assign_role("member")) == []


def memberships(ben: User) -> dict[str, tuple[Callable[[], Any], list[str]]]:
    """Return what can be done about Ben, a member, and the roles that it leaves him."""
    viewers, members, managers = group("viewer"), group("member"), group("manager")
    return {
        "added": (lambda: ben.groups.add(viewers), ["member", "viewer"]),
        "removed": (lambda: ben.groups.remove(members), []),
        "cleared": (ben.groups.clear, []),
        "added by the group": (lambda: viewers.user_set.add(ben), ["member", "viewer"]),
        "removed by the group": (lambda: members.user_set.remove(ben), []),
        "cleared by the group": (members.user_set.clear, []),
        "left out by the group": (lambda: members.user_set.set([]), []),
        "chosen by the group": (lambda: managers.user_set.set([ben]), ["manager", "member"]),
    }


@pytest.mark.parametrize("number", range(8))
def test_a_membership_is_followed_from_both_sides(ben: User, number: int) -> None:
    change, roles = list(memberships(ben).values())[number]
    [event] = happened(ben, change)
    assert event.verb == "user.role_changed"
    assert event.payload["state"]["roles"] == roles


def test_clearing_a_group_is_an_event_for_each_who_was_in_it(ben: User) -> None:
    mia = make_user(name="Mia")
    assert verbs(mia, group("member").user_set.clear) == ["user.role_changed"]
    newest = ActivityEvent.objects.filter(object_id=ben.pk).first()
    assert newest.payload["state"]["roles"] == []


def test_a_right_of_ones_own_is_a_change_of_what_somebody_may_do(ben: User) -> None:
    right = Permission.objects.get(codename="view_activityevent")
    [event] = happened(ben, lambda: ben.user_permissions.add(right))
    assert event.verb == "user.role_changed"
    assert values(event) == {"User permissions": (None, "activity.view_activityevent")}
    [event] = happened(ben, right.user_set.clear)
    assert event.payload["state"]["permissions"] == []


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


def test_ada_makes_ben_a_manager_in_the_administration(client: Client, ben: User) -> None:
    ada = make_user(name="Ada")
    client.force_login(ada)
    form = {
        "email": ben.email, "name": "Ben", "role": "manager", "is_active": "on",
        "time_zone": "UTC", "language": "en",
    }  # fmt: skip
    path = f"/admin/accounts/user/{ben.pk}/change/"
    [event] = happened(ben, lambda: client.post(path, form))
    assert (event.verb, event.actor_id, event.channel) == ("user.role_changed", ada.pk, "admin")
    assert values(event) == {"Role": ("Member", "Manager")}


def test_ben_changes_his_password(client: Client, ben: User) -> None:
    client.force_login(ben)
    form = {"oldpassword": PASSWORD, "password1": "A new day 2026", "password2": "A new day 2026"}
    [event] = happened(ben, lambda: client.post("/accounts/password/change/", form))
    assert (event.verb, event.actor_id) == ("user.password_changed", ben.pk)
    assert "new day" not in str(event.payload)


@pytest.mark.django_db(transaction=True)
def test_what_somebody_else_gave_meanwhile_is_no_change_of_ones_own() -> None:
    """Found by tests.chaos.random_operations."""
    ben, viewers = make_user(name="Ben"), group("viewer")

    def add_as_well() -> None:
        User.objects.get(pk=ben.pk).groups.add(viewers)
        connection.close()

    other = threading.Thread(target=add_as_well)
    with transaction.atomic():
        ben.groups.add(viewers)
        other.start()
        wait_for_a_lock()
    other.join()
    verbs = ActivityEvent.objects.filter(object_id=ben.pk).values_list("verb", flat=True)
    assert list(verbs) == ["user.role_changed", "user.created"]


def wait_for_a_lock() -> None:
    """Wait until another connection waits for what this transaction holds."""
    deadline = time.monotonic() + 30
    with connection.cursor() as cursor:
        while time.monotonic() < deadline:
            cursor.execute(
                "SELECT EXISTS (SELECT FROM pg_stat_activity"
                " WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid)))"
            )
            if cursor.fetchone()[0]:
                return
    raise TimeoutError("Nobody waits.")
