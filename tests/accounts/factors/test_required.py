"""Roles that ask for a second factor: whoever has none sets one up before anything else."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest
from django.test import Client
from django.urls import reverse

from accounts import second_step
from accounts.models import User
from activity.live.admission import Refused, admit
from tests.accounts.factors.apps import (
    ADD,
    CODE,
    CODES,
    App,
    add_app,
    give_passkey,
    give_password,
    is_signed_in,
    options_in,
)
from tests.accounts.factors.conftest import PASSWORD
from tests.authenticator import Device
from tests.builders import make_contact, make_user

pytestmark = pytest.mark.django_db
REQUIRED = "/preferences/second-step/required/"


@pytest.fixture
def ada(required: Callable[..., None]) -> User:
    """Ada, whose role asks for a second factor."""
    required("administrator", "manager")
    return make_user(name="Ada", password=PASSWORD)


@pytest.fixture
def client(ada: User) -> Client:
    """Ada's browser, just after the sign-in."""
    client = Client()
    client.force_login(ada)
    return client


@pytest.mark.parametrize(
    "page", ["home", "preferences", "contact_new", "admin:index", "activity_log"]
)
def test_whatever_is_opened_leads_to_the_page_that_says_why(client: Client, page: str) -> None:
    answer = client.get(reverse(page))
    assert answer.status_code == 302
    assert answer.url.startswith(f"{REQUIRED}?next=%2F")
    text = client.get(answer.url).content.decode()
    assert "Your role, Administrator, may do so much here" in text
    assert ADD in text


def test_a_request_of_htmx_leads_the_whole_page_there(client: Client) -> None:
    headers = {"hx-request": "true", "hx-current-url": "http://testserver/contacts/?q=wren"}
    answer = client.get("/contacts/", headers=headers)
    assert answer["HX-Redirect"] == f"{REQUIRED}?next=%2Fcontacts%2F%3Fq%3Dwren"


def test_nothing_is_changed_until_then_and_nothing_typed_is_lost(client: Client) -> None:
    contact = make_contact()
    typed = {"body": "Call back on the 9th"}
    answer = client.post(f"/contacts/{contact.pk}/comments/", typed)
    assert answer.url.startswith(f"{REQUIRED}?next=%2Funsent%2F")
    assert not contact.comments.exists()


def test_signing_out_is_always_possible(client: Client) -> None:
    client.post("/accounts/logout/")
    assert not is_signed_in(client)


def test_with_an_app_ada_goes_on_to_what_she_wanted(client: Client, ada: User) -> None:
    asked = client.get("/contacts/?q=wren").url
    client.get(asked)
    secret = client.get(ADD).context["form"].secret
    assert client.post(ADD, {"code": App(secret, []).code()}).url == CODES
    assert client.get(CODES).status_code == 200
    assert client.post(CODES).url == "/contacts/?q=wren"
    assert client.get("/contacts/?q=wren").status_code == 200
    assert client.get(REQUIRED).url == "/"


def test_with_a_passkey_ada_goes_on_to_what_she_wanted(
    passkey_site: dict[str, str], ada: User, device: Device
) -> None:
    client = Client(**passkey_site)
    client.force_login(ada)
    page = client.get(client.get("/contacts/").url).content.decode()
    assert "/preferences/passkeys/add/" in page
    options = json.loads(json.dumps(client.get("/preferences/passkeys/add/").context["options"]))
    answer = client.post("/preferences/passkeys/add/", {"credential": device.create(options)})
    assert answer.url == "/contacts/"
    assert client.get("/contacts/").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_no_page_that_was_left_open_hears_of_news(client: Client, ada: User) -> None:
    name = settings.SESSION_COOKIE_NAME
    cookies, contact = f"{name}={client.cookies[name].value}", make_contact()
    with pytest.raises(Refused):
        admit(cookies, contact.pk)
    add_app(ada)
    assert admit(cookies, contact.pk).user_id == ada.pk


def test_a_link_to_elsewhere_is_not_followed_afterwards(client: Client, ada: User) -> None:
    client.get(f"{REQUIRED}?next=https://evil.example/")
    add_app(ada)
    assert client.get(f"{REQUIRED}?next=https://evil.example/").url == "/"
    assert client.get(f"{REQUIRED}?next=//evil.example/").url == "/"


def test_other_roles_are_asked_for_nothing(ada: User) -> None:
    client = Client()
    client.force_login(make_user(name="Mia"))
    assert is_signed_in(client)
    assert client.get(f"{REQUIRED}?next=/contacts/").url == "/contacts/"


def test_a_new_role_asks_with_the_next_click(ada: User) -> None:
    mia, client = make_user(name="Mia"), Client()
    client.force_login(mia)
    assert is_signed_in(client)
    mia.assign_role("manager")
    assert client.get("/preferences/").url.startswith(REQUIRED)
    mia.assign_role("viewer")
    assert is_signed_in(client)


def test_factors_taken_away_are_asked_for_again(ada: User) -> None:
    add_app(ada)
    client = Client()
    client.force_login(ada)
    assert is_signed_in(client)
    ada.remove_second_factors()
    give_password(client, ada)
    assert client.get("/preferences/").url.startswith(REQUIRED)


def test_it_costs_no_query(
    ada: User, django_assert_num_queries: Any, required: Callable[..., None]
) -> None:
    add_app(ada)
    client = Client()
    client.force_login(ada)
    client.get(REQUIRED)
    with django_assert_num_queries(2):  # the session, and who it is
        client.get(REQUIRED)


def test_the_only_factor_of_such_a_role_is_not_removed(ada: User) -> None:
    add_app(ada)
    client = Client()
    client.force_login(ada)
    page = client.get("/preferences/app/remove/").content.decode()
    assert "Add another one first." in page
    assert client.post("/preferences/app/remove/").status_code == 422
    assert second_step.factors_of(ada).exists()


def make_passkey(user: User) -> Authenticator:
    data = {"name": "Laptop", "credential": {"id": "x"}}
    return Authenticator.objects.create(user=user, type="webauthn", data=data)


def test_the_only_passkey_of_such_a_role_is_not_removed(ada: User) -> None:
    passkey = make_passkey(ada)
    client = Client()
    client.force_login(ada)
    address = f"/preferences/passkeys/{passkey.pk}/remove/"
    assert "Add another one first." in client.get(address).content.decode()
    assert client.post(address).status_code == 422
    make_passkey(ada)
    assert client.post(address).status_code == 302
    assert second_step.factors_of(ada).count() == 1


def test_with_passkeys_alone_the_password_is_followed_by_one(
    passkey_site: dict[str, str], visit: HttpRequest, ada: User, device: Device
) -> None:
    give_passkey(visit, ada, device)
    client = Client(**passkey_site)
    assert give_password(client, ada).url == CODE
    page = client.get(CODE)
    assert "Use one of your passkeys." in page.content.decode()
    assert 'name="code"' not in page.content.decode()
    asked = options_in(page)
    assert client.post(CODE, {"credential": device.get(asked)}).status_code == 302
    assert is_signed_in(client)


def test_with_passkeys_alone_recovery_codes_can_be_made_for_a_lost_phone(
    passkey_site: dict[str, str], visit: HttpRequest, ada: User, device: Device
) -> None:
    give_passkey(visit, ada, device)
    client = Client(**passkey_site)
    client.force_login(ada)
    assert "Make recovery codes" in client.get("/preferences/").content.decode()
    assert client.post(f"{CODES}new/").url == CODES
    code = client.get(CODES).context["codes"][0]
    elsewhere = Client(**passkey_site)
    assert give_password(elsewhere, ada).url == CODE
    assert "Type one of your recovery codes." in elsewhere.get(CODE).content.decode()
    assert elsewhere.post(CODE, {"code": code}).status_code == 302
    assert is_signed_in(elsewhere)


def test_a_role_that_does_not_exist_is_refused_at_the_start() -> None:
    with pytest.raises(ImproperlyConfigured, match="MFA_REQUIRED_ROLES names boss; the roles are"):
        second_step.require_of(["administrator", "boss"])
