"""Whose portal it is.

Nothing of Django is imported before it is set up.
"""

from typing import Any

import pytest


@pytest.fixture
def amara() -> Any:
    from tests.contacts.portal_people import make_amara

    return make_amara()


@pytest.fixture
def user(client: Any, amara: Any) -> Any:
    from tests.contacts.portal_people import make_portal

    user = make_portal(amara)
    client.force_login(user)
    return user
