"""A browser on a site that may have passkeys.

Nothing of Django is imported before it is set up.
"""

from typing import Any

import pytest


@pytest.fixture(autouse=True)
def client(passkey_site: Any) -> Any:
    """Somebody's browser."""
    from django.test import Client

    return Client(**passkey_site)
