"""What the check of a deployment says of hosts and proxies."""

from typing import Any

import pytest
from django.core.checks import run_checks


def said() -> list[str]:
    """Return the ids of our warnings."""
    return [
        each.id
        for each in run_checks(include_deployment_checks=True)
        if each.id.startswith("accounts.")
    ]


@pytest.mark.parametrize(
    ("values", "ids"),
    [
        ({}, []),
        ({"ALLOWED_HOSTS": ["*"]}, ["accounts.W001"]),
        ({"SITE_URL": "https://annals.example", "TRUSTED_PROXIES": ["172.16.0.0/12"]}, []),
        ({"TRUSTED_PROXIES": ["0.0.0.0/0"]}, ["accounts.W002"]),
        ({"TRUSTED_PROXIES": ["10.0.0.0/8", "::/0"]}, ["accounts.W002"]),
    ],
)
def test_a_deployment_is_warned_of_whom_it_answers_and_believes(
    settings: Any, values: dict[str, Any], ids: list[str]
) -> None:
    for name, value in values.items():
        setattr(settings, name, value)
    assert said() == ids
