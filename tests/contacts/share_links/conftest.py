"""What is shared, and with whom.

Nothing of Django is imported before it is set up.
"""

from typing import Any

import pytest


@pytest.fixture
def amara() -> Any:
    from tests.builders import make_contact

    return make_contact(
        given_name="Amara",
        family_name="Okonkwo",
        organisation="Calder & Wren",
        emails=["amara@calder.example"],
        phones=["+442079460142"],
        notes="Prefers mornings.",
    )


@pytest.fixture
def shared(amara: Any) -> Any:
    from tests.contacts.share_links.links import make_share

    return make_share(amara)
