"""The page of a contact in a browser. Nothing of Django is imported before it is set up."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browsers import WAIT_MS


@pytest.fixture
def amara(transactional_db: None) -> Any:
    """Make the contact whose page is open."""
    from tests.builders import make_contact

    address = "amara@calderwren.example"
    return make_contact(given_name="Amara", family_name="Okonkwo", emails=[address])


@pytest.fixture
def page(
    browser: Browser, live_server: Any, sign_in: Callable[[Page, Any], None], amara: Any
) -> Iterator[Page]:
    """Open Amara's page as Ada. Unlike other pages, it may lose the server."""
    from tests.builders import make_user
    from tests.config.feedback.failing import PASSWORD

    context = browser.new_context(base_url=live_server.url)
    context.set_default_timeout(WAIT_MS)
    page = context.new_page()
    sign_in(page, make_user(name="Ada", password=PASSWORD))
    page.goto(f"/contacts/{amara.pk}/")
    yield page
    context.close()
