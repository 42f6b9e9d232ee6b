"""Who looks at the list.

Nothing of Django is imported before it is set up.
"""

from typing import Any

import pytest


@pytest.fixture
def mia(client: Any) -> Any:
    from tests.builders import make_user

    user = make_user(name="Mia")
    client.force_login(user)
    return user
