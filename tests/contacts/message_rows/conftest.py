"""Who writes, to whom, and the message.

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
def ana() -> Any:
    from tests.builders import make_contact

    return make_contact(given_name="Ana", emails=["ana@calder.example", "office@calder.example"])


@pytest.fixture
def message(mia: Any, ana: Any) -> Any:
    from tests.contacts.message_rows.rows import send

    return send(ana, mia)
