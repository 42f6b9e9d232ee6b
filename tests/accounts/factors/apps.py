"""An authenticator app in software, and what its owner does with it."""

import json
import time
from dataclasses import dataclass
from typing import Any

from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth
from django.db import transaction
from django.http import HttpRequest
from django.test import Client

from accounts import passkeys
from accounts.models import User
from activity.models import ActivityEvent
from tests.accounts.factors.conftest import PASSWORD
from tests.authenticator import Device

SIGN_IN, CODE = "/accounts/login/", "/accounts/code/"
ADD, CODES = "/preferences/app/add/", "/preferences/recovery-codes/"


@dataclass
class App:
    """Holds the secret of one account, and the recovery codes that came with it."""

    secret: str
    recovery_codes: list[str]

    def code(self, steps: int = 0) -> str:
        """Return the code shown now, or so many half minutes later (earlier, if negative)."""
        counter = int(time.time()) // 30 + steps
        return auth.format_hotp_value(auth.hotp_value(self.secret, counter))


def add_app(user: User) -> App:
    """Give a user an app, with recovery codes that were kept."""
    secret = auth.generate_totp_secret()
    with transaction.atomic():
        auth.TOTP.activate(user, secret)
        codes = RecoveryCodes.activate(user)
        codes.mark_as_viewed()
    return App(secret, codes.generate_codes())


def give_password(client: Client, user: User, **more: str) -> Any:
    return client.post(SIGN_IN, {"login": user.email, "password": PASSWORD, **more})


def is_signed_in(client: Client) -> bool:
    return client.get("/preferences/").status_code == 200


def give_passkey(visit: HttpRequest, user: User, device: Device) -> None:
    options = json.loads(json.dumps(passkeys.begin(visit, user)))
    passkeys.add(visit, user, device.create(options))


def options_in(page: Any) -> dict[str, Any]:
    text = page.content.decode()
    start = text.index(">", text.index('id="passkey-options"')) + 1
    return json.loads(text[start : text.index("</script>", start)])


def sign_ins(verb: str = "user.signed_in") -> list[dict[str, Any]]:
    events = ActivityEvent.objects.filter(verb=verb).order_by("pk")
    return [event.payload for event in events]
