"""Signing in with a passkey, and where it is offered."""

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.http import HttpRequest
from django.test import Client

from accounts import passkeys
from accounts.models import User
from tests.accounts.passkeys.ceremonies import (
    EMAIL,
    is_signed_in,
    options_to_sign_in,
    sent,
    sign_in,
)
from tests.authenticator import Device
from tests.builders import make_user

pytestmark = pytest.mark.django_db


def make_passkey(request: HttpRequest, user: User, device: Device) -> Authenticator:
    return passkeys.add(request, user, device.create(sent(passkeys.begin(request, user))))


def test_mia_signs_in_with_her_passkey_and_gets_where_she_wanted_to_go(
    visit: HttpRequest, device: Device, client: Client
) -> None:
    passkey = make_passkey(visit, make_user(name="Mia"), device)
    answer = sign_in(client, device.get(options_to_sign_in(client)), next="/preferences/")
    assert (answer.status_code, answer.url) == (302, "/preferences/")
    assert is_signed_in(client)
    passkey.refresh_from_db()
    assert passkey.last_used_at


def test_a_person_without_a_role_signs_in(
    visit: HttpRequest, device: Device, client: Client
) -> None:
    make_passkey(visit, User.objects.create_user(EMAIL, name="Amara"), device)
    assert sign_in(client, device.get(options_to_sign_in(client))).status_code == 302
    assert is_signed_in(client)


def test_who_has_a_passkey_still_signs_in_with_the_password_alone(
    visit: HttpRequest, device: Device, client: Client
) -> None:
    mia = make_user(name="Mia", password="a riverbed in June")
    make_passkey(visit, mia, device)
    typed = {"login": mia.email, "password": "a riverbed in June"}
    assert client.post("/accounts/login/", typed).url == "/"
    assert is_signed_in(client)


def test_an_account_that_is_switched_off_is_not_opened_by_its_passkey(
    visit: HttpRequest, device: Device, client: Client
) -> None:
    make_passkey(visit, make_user(name="Mia", is_active=False), device)
    assert sign_in(client, device.get(options_to_sign_in(client))).url == "/accounts/inactive/"
    assert not is_signed_in(client)


def test_a_passkey_that_was_removed_is_refused_beside_the_password_form(
    visit: HttpRequest, device: Device, client: Client
) -> None:
    make_passkey(visit, make_user(name="Mia"), device).delete()
    answer = sign_in(client, device.get(options_to_sign_in(client)), next="/preferences/")
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "That passkey did not work here. Try again, or use your password." in page
    assert '<input type="hidden" name="next" value="/preferences/">' in page
    assert 'name="password"' in page
    assert not is_signed_in(client)


def test_an_answer_recorded_elsewhere_signs_nobody_in(
    visit: HttpRequest, device: Device, client: Client
) -> None:
    make_passkey(visit, make_user(name="Mia"), device)
    answer = device.get(options_to_sign_in(client))
    sign_in(client, answer)
    other = Client(**client.defaults)
    options_to_sign_in(other)
    assert sign_in(other, answer).status_code == 422
    assert not is_signed_in(other)


def test_a_link_to_the_passkey_address_leads_to_the_sign_in_page(client: Client) -> None:
    assert client.get("/accounts/passkey/").url == "/accounts/login/"


@pytest.mark.parametrize(
    ("site", "opened", "works"),
    [
        ("https://annals.example", "https://annals.example", True),
        ("https://annals.example", "http://annals.example", False),
        ("https://annals.example", "https://127.0.0.1", False),
        ("http://localhost:8000", "http://localhost:8000", True),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000", False),
        ("http://127.0.0.1:8000", "http://localhost:8000", False),
        ("https://10.0.0.7", "https://10.0.0.7", False),
        ("https://[::1]", "https://[::1]", False),
    ],
)
def test_passkeys_are_offered_where_a_browser_can_use_them(
    settings: Any, site: str, opened: str, works: bool
) -> None:
    settings.SITE_URL = site
    settings.ALLOWED_HOSTS = ["*"]
    scheme, _sep, host = opened.partition("://")
    answer = Client().get("/accounts/login/", HTTP_HOST=host, secure=scheme == "https")
    page = answer.content.decode()
    assert ("Sign in with a passkey" in page) is works
    assert 'name="password"' in page
