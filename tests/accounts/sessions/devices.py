"""Browsers in which somebody is signed in, and what the preferences show of them."""

import re

from django.test import Client

from accounts.models import User
from accounts.sessions import DEVICE

PASSWORD = "a riverbed in June"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15"
    " (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1"
)
DAY = 24 * 3600


def browser(user: User, agent: str = FIREFOX, address: str = "192.0.2.7") -> Client:
    """Return a browser in which somebody has signed in with the password."""
    client = Client(headers={"User-Agent": agent}, REMOTE_ADDR=address)
    typed = {"login": user.email, "password": PASSWORD}
    assert client.post("/accounts/login/", typed).status_code == 302
    return client


def is_signed_in(client: Client) -> bool:
    return client.get("/preferences/").status_code == 200


def shown(client: Client) -> str:
    """Return the part of the preferences that lists sessions, in words."""
    page = client.get("/preferences/").content.decode()
    part = page[page.index('id="sessions"') :]
    return " ".join(re.sub("<[^>]*>", " ", part[: part.index("</section>")]).split())


def buttons(client: Client) -> list[str]:
    return re.findall(
        r'action="(/preferences/sessions/\w+/end/)"', client.get("/preferences/").content.decode()
    )


def later(client: Client, seconds: float) -> None:
    """Have a browser's session be that much older."""
    session = client.session
    device = session[DEVICE]
    session[DEVICE] = device | {
        "since": device["since"] - seconds,
        "seen": device["seen"] - seconds,
    }
    session.save()
