"""Who shares, and whom.

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
    from tests.builders import make_contact
    from tests.contacts.shares.sharing import OWN

    return make_contact(
        given_name="Amara",
        family_name="Okonkwo",
        organisation="Calder & Wren",
        job_title="Head of Operations",
        emails=[OWN, "second@calder.example"],
        phones=["+442079460142"],
        street="1 Quay Street",
        city="London",
        tags=["Key account"],
        notes="Prefers mornings.",
    )
