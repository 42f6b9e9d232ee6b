"""A passkey as the second step, or as both."""

import pytest
from django.http import HttpRequest
from django.test import Client

from accounts.models import User
from tests.accounts.factors.apps import (
    CODE,
    App,
    give_passkey,
    give_password,
    is_signed_in,
    options_in,
    sign_ins,
)
from tests.authenticator import Device
from tests.builders import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def with_passkey(
    passkey_site: dict[str, str], visit: HttpRequest, mia: User, app: App, device: Device
) -> Client:
    """A browser on the site where Mia, who has an app, made a passkey."""
    give_passkey(visit, mia, device)
    return Client(**passkey_site)


def test_a_passkey_alone_is_both_factors(with_passkey: Client, mia: User, device: Device) -> None:
    options = with_passkey.get("/accounts/passkey/", headers={"accept": "application/json"}).json()
    with_passkey.post("/accounts/passkey/", {"credential": device.get(options)})
    assert is_signed_in(with_passkey)
    assert sign_ins() == [{"actor": "Mia", "name": "Mia", "method": "passkey"}]


def test_a_passkey_stands_in_for_the_code(with_passkey: Client, mia: User, device: Device) -> None:
    give_password(with_passkey, mia)
    options = options_in(with_passkey.get(CODE))
    assert with_passkey.post(CODE, {"credential": device.get(options)}).status_code == 302
    assert is_signed_in(with_passkey)
    assert sign_ins()[0]["second"] == "webauthn"


NONSENSE = {
    **{text: text for text in ("null", "{}", "[]", '{"rawId": "AA", "response": 1}')},
    "nothing": "",
    "deep": "[" * 100_000,
    "a long number": "1" * 100_000,
    "half a letter": '"\\ud800"',
}


@pytest.mark.parametrize("answer", NONSENSE.values(), ids=NONSENSE.keys())
def test_nonsense_is_no_passkey(with_passkey: Client, mia: User, answer: str) -> None:
    give_password(with_passkey, mia)
    with_passkey.get(CODE)
    page = with_passkey.post(CODE, {"credential": answer})
    assert page.status_code == 422
    assert 'role="alert"' in page.content.decode()
    assert not is_signed_in(with_passkey)


def test_somebody_elses_passkey_is_no_second_step(
    visit: HttpRequest, with_passkey: Client, mia: User
) -> None:
    bens = Device()
    give_passkey(visit, make_user(name="Ben"), bens)
    give_password(with_passkey, mia)
    answer = bens.get(options_in(with_passkey.get(CODE)))
    assert with_passkey.post(CODE, {"credential": answer}).status_code == 422
    assert not is_signed_in(with_passkey)


def test_with_passkeys_alone_the_password_goes_on_working(
    passkey_site: dict[str, str], visit: HttpRequest, mia: User, device: Device
) -> None:
    give_passkey(visit, mia, device)
    client = Client(**passkey_site)
    assert give_password(client, mia).url == "/"
    assert is_signed_in(client)
