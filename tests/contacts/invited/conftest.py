"""Who is invited, and the way to the page.

Nothing of Django is imported before it is set up.
"""

from typing import Any

import pytest


@pytest.fixture
def amara() -> Any:
    from tests.contacts.invitations import make_amara

    return make_amara()


@pytest.fixture
def invitation(amara: Any) -> Any:
    from tests.contacts.invitations import make_invitation

    return make_invitation(amara, note="All of the second depot is in here.")


@pytest.fixture
def path(invitation: Any) -> str:
    from tests.contacts.invitations import mailed_path

    return mailed_path(invitation)
