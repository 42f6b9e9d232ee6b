"""Who pins, and on whose timeline.

Nothing of Django is imported before it is set up.
"""

from typing import Any

import pytest


@pytest.fixture
def mia(client: Any) -> Any:
    from tests.builders import make_user

    mia = make_user(name="Mia")
    client.force_login(mia)
    return mia


@pytest.fixture
def amara() -> Any:
    from tests.builders import make_contact

    return make_contact(emails=["amara@calder.example"])
