"""Signing in through a service as a browser does it, and what came of it."""

import html
import re
from typing import Any

from django.test import Client

from activity.models import ActivityEvent
from tests.accounts.service.provider import Provider

BEGIN, BACK = "/accounts/service/", "/accounts/service/callback/"


def begin(client: Client, **more: str) -> str:
    """Press the button; returns the address that the page leads to."""
    answer = client.post(BEGIN, more)
    assert answer.status_code == 200
    found = re.search(r'http-equiv="refresh" content="0; url=([^"]+)"', answer.content.decode())
    return html.unescape(found[1])


def come_back(client: Client, provider: Provider, **more: str) -> Any:
    """Sign in at the service, and return what Annals answers afterwards."""
    back = provider.sign_in(begin(client, **more))
    assert back.startswith(f"http://testserver{BACK}?")
    return client.get(back.removeprefix("http://testserver"))


def is_signed_in(client: Client) -> bool:
    return client.get("/preferences/").status_code == 200


def payloads(verb: str) -> list[dict[str, Any]]:
    return [event.payload for event in ActivityEvent.objects.filter(verb=verb).order_by("pk")]
