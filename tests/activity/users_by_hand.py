"""Changes of users past their model, and that they are refused."""

from collections.abc import Callable
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group
from django.db import IntegrityError, connection, transaction

from activity.models import ActivityEvent


def run(sql: str, *parameters: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)


def administrators() -> Group:
    return Group.objects.get(name="administrator")


def assert_refused(change: Callable[[], Any], table: str, state: str = "23514") -> None:
    """Make a change in a transaction of its own, and see it refused and everything as it was."""
    before = (state_of_all(), ActivityEvent.objects.count())
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        change()
    reason: Any = refused.value.__cause__
    assert (reason.sqlstate, reason.diag.table_name) == (state, table)
    assert (state_of_all(), ActivityEvent.objects.count()) == before


def state_of_all() -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, password, annals_user_state(id) FROM accounts_user ORDER BY id")
        users = cursor.fetchall()
    return [*users, *Authenticator.objects.order_by("pk").values_list("pk", "user_id")]


ADD = "INSERT INTO accounts_user_groups (user_id, group_id) VALUES (%s, %s)"
