"""Whose history it is, and who reads it. Nothing of Django is imported before it is set up."""

from typing import Any

import pytest


@pytest.fixture
def mia(client: Any) -> Any:
    """Sign Mia in, a member."""
    return _signed_in(client, "Mia")


@pytest.fixture
def max_(client: Any) -> Any:
    """Sign Max in, a manager."""
    return _signed_in(client, "Max")


@pytest.fixture
def amara() -> Any:
    """Return a contact that was created and nothing more."""
    from tests.builders import make_contact

    return make_contact(given_name="Amara", job_title="Director", emails=["amara@calder.example"])


def _signed_in(client: Any, name: str) -> Any:
    from tests.builders import make_user

    user = make_user(name=name)
    client.force_login(user)
    return user
