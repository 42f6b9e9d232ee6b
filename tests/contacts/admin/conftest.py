"""An administrator, and a contact to look after.

Nothing of Django is imported before it is set up.
"""

from typing import Any

import pytest


@pytest.fixture
def ada(client: Any) -> Any:
    from tests.builders import make_user

    ada = make_user(name="Ada")
    client.force_login(ada)
    return ada


@pytest.fixture
def amara() -> Any:
    from tests.builders import make_contact

    return make_contact(
        given_name="Amara", family_name="Okonkwo", emails=["amara@calder.example"],
        phones=["+12022243441"], tags=["VIP"], city="London",
    )  # fmt: skip
