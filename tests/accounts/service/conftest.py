"""A site with a sign-in service."""

from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest


@pytest.fixture
def provider(settings: Any) -> Iterator[Any]:
    """Run a sign-in service, and configure Annals for it."""
    import_module("config.urls")  # as it is without a service
    from tests.accounts.service.provider import CLIENT, SECRET, Provider

    provider = Provider()
    settings.OIDC_SERVER_URL, settings.OIDC_NAME = provider.url, "Calder Wren Login"
    settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET = CLIENT, SECRET
    settings.SITE_URL = "http://testserver"
    settings.ROOT_URLCONF = "tests.accounts.service.addresses"
    yield provider
    provider.stop()


@pytest.fixture
def mia() -> Any:
    """Return somebody whose address the service knows, too."""
    from tests.builders import make_user

    return make_user(name="Mia")
