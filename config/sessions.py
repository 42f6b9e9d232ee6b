"""The settings of sessions: how long they last, and how long a confirmation counts."""

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from environ import Env

MINUTE = 60  # seconds
DAY = 24 * 60 * MINUTE


def session_settings(env: Env) -> dict[str, Any]:
    """Return the settings named below, from the environment.

    SUDO_MINUTES: minutes for which signing in, or confirming that it is you, counts before what
    cannot be taken back: deleting, exporting, changing users, ending sessions, other keys; from 1.
    SESSION_DAYS: days after which everybody has to sign in again, however busy; from 1.
    SESSION_IDLE_HOURS: hours without use after which a session ends, so that a weekend fits in
    between; 0 = never before SESSION_DAYS.

    Raises ImproperlyConfigured where a value is too small.
    """
    minutes = _at_least(1, "SUDO_MINUTES", env.int("SUDO_MINUTES", default=15))
    days = _at_least(1, "SESSION_DAYS", env.int("SESSION_DAYS", default=14))
    idle = _at_least(0, "SESSION_IDLE_HOURS", env.int("SESSION_IDLE_HOURS", default=72))
    return {
        "SESSION_COOKIE_AGE": days * DAY,
        "SESSION_IDLE_HOURS": idle,
        "SUDO_MINUTES": minutes,
        "ACCOUNT_REAUTHENTICATION_TIMEOUT": minutes * MINUTE,
    }


def _at_least(least: int, name: str, value: int) -> int:
    if value < least:
        raise ImproperlyConfigured(f"{name} must be {least} or more.")
    return value
