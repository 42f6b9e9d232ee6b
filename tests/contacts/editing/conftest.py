"""Who edits, and whom.

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


@pytest.fixture
def ben() -> Any:
    """Ben's browser."""
    from django.test import Client

    from tests.builders import make_user

    browser = Client()
    browser.force_login(make_user(name="Ben"))
    return browser
