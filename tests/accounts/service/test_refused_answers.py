"""Answers of a sign-in service that sign nobody in, and are no error of Annals."""

import re
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from tests.accounts.service.provider import Provider
from tests.accounts.service.visiting import BEGIN, begin, come_back, is_signed_in

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("change", ["wrong", "missing", "twice", "of another browser"])
def test_an_answer_that_was_not_asked_for_signs_nobody_in(
    client: Client, provider: Provider, mia: User, change: str
) -> None:
    path = provider.sign_in(begin(client)).removeprefix("http://testserver")
    browser = client
    if change == "wrong":
        path = re.sub("state=.+", "state=wrong", path)
    elif change == "missing":
        path = re.sub("&state=.+", "", path)
    elif change == "twice":
        client.get(path)
        client.post("/accounts/logout/")
    else:
        browser = Client()
    answer = browser.get(path)
    assert answer.status_code == 401
    assert "Signing in did not work" in answer.content.decode()
    assert not is_signed_in(browser)


def test_a_code_that_the_service_does_not_know_signs_nobody_in(
    client: Client, provider: Provider, mia: User
) -> None:
    path = provider.sign_in(begin(client)).removeprefix("http://testserver")
    provider.codes.clear()
    answer = client.get(path)
    assert answer.status_code == 502
    assert not is_signed_in(client)


def test_who_changes_the_mind_at_the_service_is_back_at_the_sign_in(
    client: Client, provider: Provider
) -> None:
    path = provider.sign_in(begin(client)).removeprefix("http://testserver")
    path = re.sub("code=[^&]+", "error=access_denied", path)
    answer = client.get(path, follow=True)
    assert answer.redirect_chain == [("/accounts/login/", 302)]
    assert "You were not signed in." in answer.content.decode()


@pytest.mark.parametrize(
    "claims",
    [
        {"sub": "somebody-else"},
        {"aud": "another client"},
        {"iss": "https://evil.example"},
        {"exp": 1},
        {"sub": ""},
    ],
    ids=["subject", "audience", "issuer", "expired", "nobody"],
)
def test_a_token_that_is_about_somebody_or_something_else_signs_nobody_in(
    client: Client, provider: Provider, mia: User, claims: dict[str, Any]
) -> None:
    provider.told_by_token = claims
    answer = come_back(client, provider)
    assert answer.status_code == 502
    assert "Signing in did not work" in answer.content.decode()
    assert not is_signed_in(client)


ODD = {
    "an error": (500, {}, b"Internal error"),
    "nothing": (200, {"Content-Type": "application/json"}, b""),
    "nonsense": (200, {"Content-Type": "application/json"}, b"[1, 2"),
    "a list": (200, {"Content-Type": "application/json"}, b"[1, 2]"),
    "an empty object": (200, {"Content-Type": "application/json"}, b"{}"),
    "a redirect": (302, {"Location": "http://127.0.0.1:1/"}, b""),
    "a token alone": (200, {"Content-Type": "application/json"}, b'{"access_token": "x"}'),
}


@pytest.mark.parametrize(
    ("path", "odd"),
    [
        *(("/token", odd) for odd in sorted(ODD)),
        *(("/userinfo", odd) for odd in ("a list", "a redirect", "an error")),
        *(("/.well-known/openid-configuration", odd) for odd in ("a list", "an empty object")),
    ],
)
def test_a_service_that_answers_oddly_is_no_error_of_annals(
    client: Client, provider: Provider, mia: User, path: str, odd: str
) -> None:
    if "well-known" in path:
        provider.answers[path] = ODD[odd]
        answer = client.post(BEGIN)
    else:
        address = begin(client)
        provider.answers[path] = ODD[odd]
        answer = client.get(provider.sign_in(address).removeprefix("http://testserver"))
    assert answer.status_code == 502
    assert "Signing in did not work" in answer.content.decode()
    assert not is_signed_in(client)


def test_a_service_that_is_away_is_no_error_of_annals(
    client: Client, provider: Provider, settings: Any
) -> None:
    settings.OIDC_SERVER_URL = "http://127.0.0.1:1"
    assert client.post(BEGIN).status_code == 502


def test_a_service_that_names_another_server_is_not_followed(
    client: Client, provider: Provider, mia: User
) -> None:
    address = begin(client)
    provider.description = {"token_endpoint": "https://127.0.0.1/token"}
    answer = client.get(provider.sign_in(address).removeprefix("http://testserver"))
    assert answer.status_code == 502
    assert not is_signed_in(client)
