"""An authenticator app in Chromium: set up, used to sign in, and replaced by a recovery code."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.accounts.factors.apps import App
from tests.accounts.factors.conftest import PASSWORD
from tests.builders import make_user

pytestmark = pytest.mark.django_db(transaction=True)


def give_password(page: Page, email: str) -> None:
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def sign_out(page: Page) -> None:
    page.goto("/accounts/logout/")
    page.get_by_role("main").get_by_role("button", name="Sign out").click()


def test_without_scripts_mia_adds_an_app_signs_in_with_it_and_later_without_her_phone(
    open_page: Callable[..., Page],
) -> None:
    page = open_page(java_script_enabled=False, viewport={"width": 390, "height": 844})
    mia = make_user(name="Mia", password=PASSWORD)
    page.goto("/preferences/")
    give_password(page, mia.email)
    page.get_by_role("link", name="Add an authenticator app").click()
    picture = page.get_by_role("img", name="QR code that holds the key below")
    expect(picture).to_be_visible()
    width = picture.evaluate("async image => { await image.decode(); return image.naturalWidth; }")
    assert width > 100
    app = App(page.locator("code.key").inner_text().replace(" ", ""), [])
    page.get_by_label("Code").fill(app.code())
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    expect(page.locator(".codes code")).to_have_count(10)
    codes = page.locator(".codes code").all_inner_texts()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    assert codes[9] in download.value.path().read_text()
    page.get_by_role("button", name="I have kept them").click()
    expect(page.locator("#second-step")).to_contain_text("10 codes left.")

    sign_out(page)
    page.goto("/preferences/")
    give_password(page, mia.email)
    page.get_by_label("Code").fill("12 34")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_label("Code")).to_have_attribute("aria-invalid", "true")
    page.get_by_label("Code").fill(app.code(1))  # the one before was used to add the app
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator("#second-step")).to_contain_text("Last used")

    sign_out(page)
    page.goto("/preferences/")
    give_password(page, mia.email)
    page.get_by_label("Code").fill(codes[3])
    page.keyboard.press("Enter")
    expect(page.locator("#second-step")).to_contain_text("9 codes left.")


def test_with_scripts_mia_adds_an_app_and_prints_the_codes_without_the_buttons(
    page: Page, sign_in: Callable[[Page, Any], None]
) -> None:
    sign_in(page, make_user(name="Mia"))
    page.goto("/preferences/app/add/")
    app = App(page.locator("code.key").inner_text().replace(" ", ""), [])
    page.get_by_label("Code").fill(app.code())
    page.keyboard.press("Enter")
    expect(page.locator(".codes code")).to_have_count(10)
    page.emulate_media(media="print")
    expect(page.locator(".codes code").first).to_be_visible()
    expect(page.get_by_role("button", name="I have kept them")).to_be_hidden()
