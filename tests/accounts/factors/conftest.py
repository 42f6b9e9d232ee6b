"""Somebody with an authenticator app.

Nothing of Django is imported before it is set up.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

PASSWORD = "a riverbed in June"


@pytest.fixture
def mia(db: None) -> Any:
    """Mia, who is a member and has a password."""
    from tests.builders import make_user

    return make_user(name="Mia", password=PASSWORD)


@pytest.fixture
def app(mia: Any) -> Any:
    """Mia's authenticator app, with recovery codes that she has kept."""
    from tests.accounts.factors.apps import add_app

    return add_app(mia)


@pytest.fixture
def required(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Return a function that has these roles ask for a second factor."""
    from accounts import second_step, user_query

    monkeypatch.setattr(user_query, "_read_along", dict(user_query._read_along))

    def require(*roles: str) -> None:
        settings.MFA_REQUIRED_ROLES = list(roles)
        second_step.require_of(roles)

    return require
