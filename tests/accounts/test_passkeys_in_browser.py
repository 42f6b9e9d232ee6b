"""Passkeys in Chromium, with a device that DevTools simulates, under our security policy."""

from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template import engines
from django.urls import include, path
from playwright.sync_api import Page, expect

from accounts import passkeys
from accounts.models import User
from tests.builders import make_user

pytestmark = pytest.mark.django_db(transaction=True)
PASSWORD = "a riverbed in June"
EMAIL = "amara@calder.example"
ACCEPT = """{% extends "public.html" %}{% load passkeys %}{% block content %}
<form method="post">{% csrf_token %}<label>Your name <input class="input" name="name"></label>
{% passkey_button "create" "Accept with a passkey" options %}</form>{% endblock %}"""


def accept(request: HttpRequest) -> HttpResponse:
    """Stand in for the page of an invitation."""
    if request.method == "POST":
        passkeys.create_account(request, EMAIL, request.POST["name"], request.POST["credential"])
        return redirect("account_login")
    options = passkeys.begin_account(request, EMAIL)
    page = engines["django"].from_string(ACCEPT).render({"options": options}, request)
    return HttpResponse(page)


accept.login_required = False
urlpatterns = [path("i/some-token/", accept), path("", include("config.urls"))]


def sign_in_with_password(page: Page, user: User) -> None:
    page.get_by_label("Email").fill(user.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def sign_out(page: Page) -> None:
    page.goto("/accounts/logout/")
    page.get_by_role("main").get_by_role("button", name="Sign out").click()


def test_mia_adds_a_passkey_signs_out_and_signs_in_with_it(
    page: Page, plug_in: Callable[[Page], Any], settings: Any
) -> None:
    mia = make_user(name="Mia", password=PASSWORD)
    plug_in(page)
    page.goto("/preferences/")
    sign_in_with_password(page, mia)
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_role("status")).to_contain_text("Passkey added")
    expect(page.locator("#passkeys")).to_contain_text("Not used yet.")

    sign_out(page)
    page.goto("/preferences/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url("**/preferences/")
    expect(page.locator("#passkeys")).to_contain_text("Last used")

    minutes, settings.SUDO_MINUTES = settings.SUDO_MINUTES, 0  # as after a while
    page.get_by_role("link", name="Remove Passkey").click()
    page.get_by_role("link", name="Use a passkey").click()
    settings.SUDO_MINUTES = minutes
    page.get_by_role("button", name="Confirm with a passkey").click()
    page.get_by_role("button", name="Remove passkey").click()
    expect(page.get_by_role("status")).to_contain_text("Passkey removed")
    assert not passkeys.of(mia)


def test_whose_device_has_no_passkey_is_told_so_and_goes_on_with_the_password(
    page: Page, plug_in: Callable[[Page], Any]
) -> None:
    plug_in(page)
    page.goto("/accounts/login/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("The passkey was not used.")
    expect(page.get_by_label("Password")).to_be_visible()


@pytest.mark.urls(__name__)
def test_amara_accepts_with_a_passkey_and_signs_in_with_it(
    page: Page, plug_in: Callable[[Page], Any]
) -> None:
    session, device = plug_in(page)
    page.goto("/i/some-token/")
    page.get_by_label("Your name").fill("Amara Okonkwo")
    page.get_by_role("button", name="Accept with a passkey").click()
    expect(page.get_by_role("heading", name="Sign in to Annals")).to_be_visible()
    held = session.send("WebAuthn.getCredentials", {"authenticatorId": device})["credentials"]
    assert [(each["rpId"], each["isResidentCredential"]) for each in held] == [("localhost", True)]
    assert User.objects.get(email=EMAIL).name == "Amara Okonkwo"

    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(lambda address: "/accounts/" not in address)
    assert User.objects.get(email=EMAIL).last_login


def test_without_scripts_there_is_the_password_and_no_button_that_does_nothing(
    open_page: Callable[..., Page], plug_in: Callable[[Page], Any]
) -> None:
    mia = make_user(name="Mia", password=PASSWORD)
    page = open_page(java_script_enabled=False)
    page.goto("/preferences/")
    expect(page.get_by_role("button", name="Sign in with a passkey")).to_be_hidden()
    sign_in_with_password(page, mia)
    expect(page.get_by_role("heading", name="Passkeys")).to_be_visible()
    expect(page.get_by_role("link", name="Add a passkey")).to_be_hidden()
