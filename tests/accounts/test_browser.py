"""Accounts and the administration in a browser, under our content security policy."""

from collections.abc import Callable

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Page, expect

from accounts.models import User
from tests.builders import make_contact, make_user

pytestmark = pytest.mark.django_db(transaction=True)
PASSWORD = "a riverbed in June"


def fill_in_sign_in(page: Page, user: User) -> None:
    page.get_by_label("Email").fill(user.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


@pytest.mark.parametrize("scripts", [True, False])
def test_mia_signs_in_changes_the_appearance_and_signs_out(
    open_page: Callable[..., Page], scripts: bool
) -> None:
    mia = make_user(name="Mia", password=PASSWORD)
    page = open_page(java_script_enabled=scripts)
    page.goto("/preferences/")
    fill_in_sign_in(page, mia)
    page.get_by_label("Appearance").select_option("Dark")
    page.get_by_label("Time zone").select_option("Tokyo")
    page.get_by_role("button", name="Save preferences").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page.get_by_label("Time zone")).to_have_value("Asia/Tokyo")
    expect(page.get_by_role("status")).to_contain_text("Preferences saved")
    page.get_by_role("button", name="Mia", exact=True).click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in to Annals")).to_be_visible()


def test_an_expired_session_leads_to_sign_in_and_back(
    page: Page, sign_in: Callable[[Page, User], None]
) -> None:
    mia = make_user(name="Mia", password=PASSWORD)
    make_contact()
    sign_in(page, mia)
    page.goto("/contacts/?status=all")
    expect(page.get_by_text("Amara Okonkwo").first).to_be_visible()
    Session.objects.all().delete()
    page.get_by_role("searchbox").first.fill("amara")
    expect(page.get_by_role("heading", name="Sign in to Annals")).to_be_visible()
    fill_in_sign_in(page, mia)
    page.wait_for_url("**/contacts/?status=all")
    expect(page.get_by_text("Amara Okonkwo").first).to_be_visible()


def test_the_administration_works_under_our_content_security_policy(
    page: Page, sign_in: Callable[[Page, User], None]
) -> None:
    ada = make_user(name="Ada")
    amara = make_contact()
    sign_in(page, ada)
    page.goto("/admin/")
    page.get_by_role("button", name="Toggle theme").first.click()  # light, then dark, then auto
    expect(page.locator("html")).not_to_have_attribute("data-theme", "auto")
    page.get_by_role("link", name="Contacts", exact=True).last.click()
    page.get_by_role("link", name="Amara Okonkwo").click()
    page.get_by_label("City").fill("Paris")
    page.get_by_role("button", name="Save and continue editing").click()
    expect(page.get_by_label("City")).to_have_value("Paris")
    page.get_by_role("link", name="History").click()
    expect(page.get_by_text("Paris")).to_be_visible()
    page.goto("/admin/accounts/user/")
    page.locator("#action-toggle").check()
    expect(page.get_by_text("1 of 1 selected")).to_be_visible()
    page.get_by_role("link", name="Ada").click()
    expect(page.get_by_label("Role")).to_have_value("administrator")
    amara.refresh_from_db()
    assert amara.city == "Paris"
