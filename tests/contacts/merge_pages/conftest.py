"""Two contacts that are one person, and who may merge them.

Nothing of Django is imported before it is set up.
"""

from typing import Any

import pytest


@pytest.fixture
def amara() -> Any:
    from tests.builders import make_contact

    fields = {"emails": ["amara@calderwren.example"], "tags": ["Press"], "notes": "Likes tea"}
    return make_contact(given_name="Amara", family_name="Okonkwo", **fields)


@pytest.fixture
def double() -> Any:
    from tests.builders import make_contact

    fields = {"emails": ["okonkwo@mail.example"], "job_title": "Buyer", "notes": "Met at the expo"}
    return make_contact(given_name="A.", family_name="Okonkwo", **fields)


@pytest.fixture(autouse=True)
def max(client: Any):
    from tests.builders import make_user

    max = make_user(name="Max")
    client.force_login(max)
    return max
