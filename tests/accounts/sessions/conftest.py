"""Somebody who signs in."""

from typing import Any

import pytest


@pytest.fixture
def mia() -> Any:
    """Return somebody with a password."""
    from tests.accounts.sessions.devices import PASSWORD
    from tests.builders import make_user

    return make_user(name="Mia", password=PASSWORD)
