"""Makes a browser's session one whose confirmation no longer counts (accounts/sudo.py)."""

from django.test import Client

from accounts.sudo import CONFIRMED_AT


def lapse(client: Client, minutes: float = 16) -> None:
    """Have what was confirmed last, at sign-in or later, be that many minutes ago."""
    session = client.session
    session[CONFIRMED_AT] -= minutes * 60
    session.save()
