"""Where the role can do too much, an operator is told."""

from typing import Any

from django.core.checks import run_checks
from django.test import Client

from tests.activity.database_role.roles import working_as


def role_warnings(**options: Any) -> list[str]:
    found = run_checks(include_deployment_checks=True, **options)
    return [each.msg for each in found if each.id == "activity.W001"]


def test_the_deployment_check_warns_of_an_owner(role: str) -> None:
    assert role_warnings() == []
    [warning] = role_warnings(databases=["default"])
    assert "it is a superuser" in warning
    with working_as(role):
        assert role_warnings(databases=["default"]) == []


def test_readiness_names_the_role_and_stays_ready(client: Client, role: str) -> None:
    from config import health

    health.note_worker()
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert any("it is a superuser" in warning for warning in answer.json()["warnings"])
    with working_as(role):
        answer = client.get("/readyz")
    assert answer.status_code == 200
    assert not any("can do more" in warning for warning in answer.json()["warnings"])


def test_the_deployment_check_says_what_it_could_not_find_out(half_migrated: None) -> None:
    [warning] = role_warnings(databases=["default"])
    assert warning.startswith("The database does not say how safe the log is")
