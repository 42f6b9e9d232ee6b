"""Passkeys in tests: a site that may have them, a visitor, a device in software or in Chromium."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from allauth.core import context
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest
from django.test import RequestFactory
from playwright.sync_api import CDPSession, Page

from tests.authenticator import Device


@pytest.fixture
def passkey_site(settings: Any) -> dict[str, str]:
    """Serve https://annals.example; returns the headers with which a test client asks for it."""
    settings.SITE_URL = "https://annals.example"
    settings.ALLOWED_HOSTS = ["annals.example"]
    settings.TRUSTED_PROXIES = ["127.0.0.1"]
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    return {"HTTP_HOST": "annals.example", "HTTP_X_FORWARDED_PROTO": "https"}


@pytest.fixture
def device() -> Device:
    """Return a device without a passkey."""
    return Device()


@pytest.fixture
def visit(db: None) -> Iterator[HttpRequest]:
    """Return a visitor's request with a session, as views have it within allauth's middleware."""
    request = RequestFactory().get("/", secure=True, headers={"host": "annals.example"})
    request.session = SessionStore()
    with context.request_context(request):
        yield request


@pytest.fixture
def plug_in(live_server: Any, settings: Any) -> Callable[[Page], tuple[CDPSession, str]]:
    """Return a function that gives a page's browser a device on which everything is confirmed.

    The live server becomes the site that passkeys are made for.
    """
    settings.SITE_URL = live_server.url

    def plug_in(page: Page) -> tuple[CDPSession, str]:
        session = page.context.new_cdp_session(page)
        session.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
        }
        answer = session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        return session, answer["authenticatorId"]

    return plug_in
