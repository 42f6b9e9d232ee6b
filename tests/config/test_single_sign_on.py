"""What can be configured of signing in, and what is refused at the start."""

import pytest
from django.core.exceptions import ImproperlyConfigured
from environ import Env

from config.single_sign_on import single_sign_on_settings

SERVICE = {
    "OIDC_SERVER_URL": "https://login.calder.example/realms/annals/",
    "OIDC_CLIENT_ID": "annals",
    "OIDC_CLIENT_SECRET": "s",
}


def settings_of(monkeypatch: pytest.MonkeyPatch, **variables: str) -> dict[str, object]:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return single_sign_on_settings(Env())


def test_without_an_address_there_is_no_service(monkeypatch: pytest.MonkeyPatch) -> None:
    found = settings_of(monkeypatch, OIDC_NAME="Login")
    assert found["OIDC_SERVER_URL"] == ""
    assert found["OIDC_CREATES_USERS"] is False


def test_a_service_is_called_by_its_host_unless_it_has_a_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert settings_of(monkeypatch, **SERVICE)["OIDC_NAME"] == "login.calder.example"
    assert settings_of(monkeypatch, OIDC_NAME="Login")["OIDC_NAME"] == "Login"


@pytest.mark.parametrize("missing", ["OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET"])
def test_what_a_service_needs_is_asked_for(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=missing):
        settings_of(monkeypatch, **{k: v for k, v in SERVICE.items() if k != missing})


@pytest.mark.parametrize("address", ["http://login.calder.example", "ftp://x", "login.example"])
def test_a_service_is_asked_over_https(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="https://"):
        settings_of(monkeypatch, **SERVICE | {"OIDC_SERVER_URL": address})


def test_no_secret_is_in_the_address(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ImproperlyConfigured, match="no password"):
        settings_of(monkeypatch, **SERVICE | {"OIDC_SERVER_URL": "https://me:pw@login.example"})


def test_on_the_same_machine_it_may_be_http(monkeypatch: pytest.MonkeyPatch) -> None:
    local = SERVICE | {"OIDC_SERVER_URL": "http://127.0.0.1:9000"}
    assert settings_of(monkeypatch, **local)["OIDC_SERVER_URL"] == "http://127.0.0.1:9000"
