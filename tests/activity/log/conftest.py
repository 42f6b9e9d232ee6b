"""Somebody who reads the log, and a contact in it.

Nothing of Django is imported before it is set up.
"""

from typing import Any

import pytest


@pytest.fixture
def amara() -> Any:
    """Return a contact."""
    from tests.builders import make_contact

    return make_contact()


@pytest.fixture
def reader(client: Any) -> Any:
    """Sign somebody in who may only read."""
    from tests.builders import make_user

    user = make_user("viewer", name="Reader")
    client.force_login(user)
    return user
