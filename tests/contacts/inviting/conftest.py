"""Who invites, and whom.

Nothing of Django is imported before it is set up.
"""

from typing import Any

import pytest


@pytest.fixture
def max_(client: Any) -> Any:
    from tests.builders import make_user

    max_ = make_user(name="Max")
    client.force_login(max_)
    return max_


@pytest.fixture
def amara() -> Any:
    from tests.contacts.invitations import make_amara

    return make_amara()
