"""The settings of sessions: how long they last, and how long a confirmation counts."""

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from environ import Env

MINUTE = 60  # seconds


def session_settings(env: Env) -> dict[str, Any]:
    """Return the settings named below, from the environment.

    SUDO_MINUTES: minutes for which signing in, or confirming that it is you, counts before what
    cannot be taken back: deleting, exporting, changing users, ending sessions, other keys; from 1.

    Raises ImproperlyConfigured where a value is too small.
    """
    minutes = env.int("SUDO_MINUTES", default=15)
    if minutes < 1:
        raise ImproperlyConfigured("SUDO_MINUTES must be 1 or more.")
    return {
        "SUDO_MINUTES": minutes,
        "ACCOUNT_REAUTHENTICATION_TIMEOUT": minutes * MINUTE,
    }
