"""Who imports.

Nothing of Django is imported before it is set up.
"""

from typing import Any

import pytest


@pytest.fixture
def max_(client: Any) -> Any:
    from tests.builders import make_user

    user = make_user(name="Max")
    client.force_login(user)
    return user
