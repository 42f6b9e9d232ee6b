"""What a browser does to make a passkey and to sign in with one."""

import json
from typing import Any

from django.test import Client

EMAIL = "amara@calder.example"


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
