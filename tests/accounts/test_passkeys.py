"""Passkeys: making one with or without an account, and signing in with it."""

import json
import threading
from hashlib import sha256
from typing import Any

import pytest
from allauth.core import context
from allauth.mfa.models import Authenticator
from django.contrib.sessions.backends.db import SessionStore
from django.core.exceptions import ValidationError
from django.db import connection
from django.http import HttpRequest
from django.test import Client, RequestFactory
from fido2.utils import websafe_encode
from fido2.webauthn import AttestationObject, AuthenticatorData

from accounts import passkeys
from accounts.models import User
from tests.authenticator import Device
from tests.builders import make_user

pytestmark = pytest.mark.django_db
EMAIL = "amara@calder.example"


@pytest.fixture(autouse=True)
def client(passkey_site: dict[str, str]) -> Client:
    """Somebody's browser."""
    return Client(**passkey_site)


def sent(options: dict[str, Any]) -> dict[str, Any]:
    """Return options as they reach the browser."""
    return json.loads(json.dumps(options))


def options_to_sign_in(client: Client) -> dict[str, Any]:
    """Return what the sign-in button fetches."""
    return client.get("/accounts/passkey/", headers={"accept": "application/json"}).json()


def sign_in(client: Client, answer: str, **more: str) -> Any:
    return client.post("/accounts/passkey/", {"credential": answer, **more})


def is_signed_in(client: Client) -> bool:
    return client.get("/preferences/").status_code == 200


def make_passkey(request: HttpRequest, user: User, device: Device) -> Authenticator:
    return passkeys.add(request, user, device.create(sent(passkeys.begin(request, user))))


# A person who has no account yet


def test_an_account_is_made_with_a_passkey_and_signs_in(
    visit: HttpRequest, device: Device, client: Client
) -> None:
    options = passkeys.begin_account(visit, " Amara@Calder.example", "Amara Okonkwo")
    user = passkeys.create_account(visit, EMAIL, "Amara Okonkwo", device.create(sent(options)))
    assert (user.email, user.name, user.role) == (EMAIL, "Amara Okonkwo", None)
    assert not user.has_usable_password()
    assert [str(passkey) for passkey in passkeys.of(user)] == ["Passkey"]
    assert sign_in(client, device.get(options_to_sign_in(client))).status_code == 302
    assert is_signed_in(client)


def test_the_device_is_asked_for_a_passkey_that_needs_no_typing(visit: HttpRequest) -> None:
    asked = sent(passkeys.begin_account(visit, EMAIL, "Amara"))["creation_options"]["publicKey"]
    assert asked["rp"] == {"id": "annals.example", "name": "Annals"}
    assert (asked["user"]["name"], asked["user"]["displayName"]) == (EMAIL, "Amara")
    chosen = asked["authenticatorSelection"]
    assert (chosen["residentKey"], chosen["userVerification"]) == ("required", "required")


def test_beginning_alone_makes_no_account(visit: HttpRequest) -> None:
    passkeys.begin_account(visit, EMAIL)
    assert not User.objects.exists()


def test_beginning_again_asks_for_the_same_account_with_a_new_challenge(
    visit: HttpRequest, device: Device
) -> None:
    first = sent(passkeys.begin_account(visit, EMAIL))
    second = sent(passkeys.begin_account(visit, EMAIL))
    one, other = (o["creation_options"]["publicKey"] for o in (first, second))
    assert one["user"]["id"] == other["user"]["id"]
    with pytest.raises(ValidationError):
        passkeys.create_account(visit, EMAIL, "Amara", device.create(first))
    assert passkeys.create_account(visit, EMAIL, "Amara", device.create(second)).pk


def test_an_address_with_an_account_is_refused(visit: HttpRequest, device: Device) -> None:
    options = sent(passkeys.begin_account(visit, EMAIL))
    make_user(email=EMAIL, name="Amara")
    with pytest.raises(passkeys.AddressTaken):
        passkeys.begin_account(visit, EMAIL.upper())
    with pytest.raises(passkeys.AddressTaken):
        passkeys.create_account(visit, EMAIL, "Amara", device.create(options))
    assert not Authenticator.objects.exists()


def test_an_answer_for_another_address_is_refused(visit: HttpRequest, device: Device) -> None:
    options = sent(passkeys.begin_account(visit, EMAIL))
    with pytest.raises(ValidationError):
        passkeys.create_account(visit, "mallory@x.example", "M", device.create(options))
    assert not User.objects.exists()


def test_an_answer_counts_once(visit: HttpRequest, device: Device) -> None:
    answer = device.create(sent(passkeys.begin_account(visit, EMAIL)))
    passkeys.create_account(visit, EMAIL, "Amara", answer)
    User.objects.filter(email=EMAIL).update(email="else@calder.example")
    with pytest.raises(ValidationError):
        passkeys.create_account(visit, EMAIL, "Amara", answer)


@pytest.mark.parametrize(
    "changed",
    [
        {"origin": "https://evil.example"},
        {"origin": "http://annals.example"},
        {"challenge": "AAAAAAAAAAAAAAAAAAAAAA"},
        {"type": "webauthn.get"},
    ],
    ids=["another site", "no https", "another challenge", "a sign-in"],
)
def test_an_answer_that_is_not_ours_makes_no_account(
    visit: HttpRequest, device: Device, changed: dict[str, str]
) -> None:
    options = sent(passkeys.begin_account(visit, EMAIL))
    with pytest.raises(ValidationError):
        passkeys.create_account(visit, EMAIL, "Amara", device.create(options, **changed))
    assert not User.objects.exists()


def test_a_device_that_asked_nobody_makes_no_account(visit: HttpRequest) -> None:
    options = sent(passkeys.begin_account(visit, EMAIL))
    with pytest.raises(ValidationError):
        passkeys.create_account(visit, EMAIL, "A", Device(verifies=False).create(options))
    assert not User.objects.exists()


def test_an_answer_that_holds_no_key_makes_no_account(visit: HttpRequest, device: Device) -> None:
    answer = json.loads(device.create(sent(passkeys.begin_account(visit, EMAIL))))
    site = sha256(b"annals.example").digest()
    keyless = AuthenticatorData.create(site, device.flags, 0)
    empty = AttestationObject.create("none", keyless, {})
    answer["response"]["attestationObject"] = websafe_encode(empty)
    with pytest.raises(ValidationError):
        passkeys.create_account(visit, EMAIL, "Amara", json.dumps(answer))
    assert not User.objects.exists()


NONSENSE = [
    "",
    "{",
    "null",
    "[]",
    "7",
    '"text"',
    "{}",
    '{"id": "AA"}',
    '{"id": "AA", "rawId": "AA", "response": null}',
    '{"id": "AA", "rawId": "AA", "response": []}',
    '{"rawId": 5, "response": {"clientDataJSON": 1, "attestationObject": 2}}',
    '{"rawId": "AA", "response": {"clientDataJSON": "e30", "attestationObject": "n5-f"}}',
    '{"rawId": "AA", "response": {"clientDataJSON": "W10", "attestationObject": "oA"}}',
    '{"rawId": "é", "response": {"userHandle": 7}}',
    '{"rawId": "AA", "response": {"clientDataJSON": "e30", "authenticatorData": "AA",'
    ' "signature": "AA", "userHandle": "AA"}}',
]


@pytest.mark.parametrize("answer", NONSENSE)
def test_nonsense_is_refused_and_never_fails(
    visit: HttpRequest, client: Client, answer: str
) -> None:
    passkeys.begin_account(visit, EMAIL)
    with pytest.raises(ValidationError):
        passkeys.create_account(visit, EMAIL, "Amara", answer)
    options_to_sign_in(client)
    assert sign_in(client, answer).status_code == 422


def test_without_a_beginning_there_is_no_end(visit: HttpRequest, device: Device) -> None:
    options = sent(passkeys.begin_account(visit, EMAIL))
    visit.session.flush()
    with pytest.raises(ValidationError):
        passkeys.create_account(visit, EMAIL, "Amara", device.create(options))


@pytest.mark.django_db(transaction=True)
def test_two_browsers_that_accept_at_once_make_one_account() -> None:
    outcomes = []
    barrier = threading.Barrier(2)

    def accept() -> None:
        request = RequestFactory().get("/", secure=True, headers={"host": "annals.example"})
        request.session = SessionStore()
        try:
            with context.request_context(request):
                answer = Device().create(sent(passkeys.begin_account(request, EMAIL)))
                barrier.wait(timeout=30)
                passkeys.create_account(request, EMAIL, "Amara", answer)
            outcomes.append("made")
        except passkeys.AddressTaken:
            outcomes.append("taken")
        finally:
            connection.close()

    threads = [threading.Thread(target=accept) for _browser in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["made", "taken"]
    assert Authenticator.objects.get().user == User.objects.get()


# Signing in


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


# Where it is offered


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
