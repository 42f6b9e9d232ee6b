"""What changes about what somebody may do is an event, from whichever side it is changed."""

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connection, transaction
from django.test import Client

from accounts.models import User
from activity.models import ActivityEvent
from tests.activity.user_events import group, happened, values, verbs
from tests.builders import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def ben() -> User:
    return make_user(name="Ben")


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


@pytest.mark.django_db(transaction=True)
def test_what_somebody_else_gave_meanwhile_is_no_change_of_ones_own() -> None:
    """Found by tests.faults.random_operations."""
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
