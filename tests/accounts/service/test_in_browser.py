"""A sign-in through a service in Chromium, under our content security policy."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.accounts.service.provider import Provider
from tests.builders import make_user

pytestmark = pytest.mark.django_db(transaction=True)


def test_mia_presses_one_button_and_is_on_the_page_she_wanted(
    page: Page, provider: Provider, live_server: Any, settings: Any
) -> None:
    settings.SITE_URL = live_server.url
    make_user(name="Mia")
    page.goto("/preferences/")
    page.get_by_role("button", name="Sign in with Calder Wren Login").click()
    page.wait_for_url("**/preferences/")
    expect(page.get_by_role("heading", name="Preferences")).to_be_visible()
    assert "/authorize" in provider.asked
