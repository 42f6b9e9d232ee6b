"""From which devices somebody is signed in: noted in each session, and said in words.

A page that was opened, or a form that was sent, counts as use; what a page asks for by itself
does not. Use is written down at most once an hour.
"""

import re
import time
from typing import Any

from django.conf import settings
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts.origin import client_address
from accounts.sessions import BROWSER_MAX, DEVICE

HOUR = 3600  # seconds
# What a browser says it is -> what people call it. The first that fits: each claims to be others.
BROWSERS = {
    r"Edg(e|A|iOS)?/": "Edge",
    r"OPR/|OPiOS/|Opera": "Opera",
    r"SamsungBrowser/": "Samsung Internet",
    r"Vivaldi/": "Vivaldi",
    r"Firefox/|FxiOS/": "Firefox",
    r"Chrome/|CriOS/|Chromium/": "Chrome",
    r"Safari/": "Safari",
}
SYSTEMS = {
    r"iPad": "iPad",
    r"iPhone|iPod": "iPhone",
    r"Android": "Android",
    r"CrOS": "ChromeOS",
    r"Windows": "Windows",
    r"Macintosh|Mac OS X": "macOS",
    r"Linux|X11": "Linux",
}
HANDHELD = re.compile("Mobi|iPhone|iPad|Android")


def note_use(request: HttpRequest) -> None:
    """Note that a session is in use, where that was not noted lately."""
    device, now = request.session.get(DEVICE), time.time()
    if device and 0 <= now - device["seen"] < _often():
        return
    by_itself = "HX-Request" in request.headers and request.method in {"GET", "HEAD"}
    streamed = "text/event-stream" in request.headers.get("Accept", "")
    if not by_itself and not streamed:
        since = device["since"] if device else now
        request.session[DEVICE] = _device(request, since, now)


@receiver(user_logged_in)
def note_device(sender: Any, request: HttpRequest, **kwargs: Any) -> None:
    """Note from where somebody signs in."""
    now = time.time()
    request.session[DEVICE] = _device(request, now, now)


def in_words(browser: str) -> str:
    """Return what a browser and its system are called; `browser` is what it says of itself."""
    words = {"browser": _called(BROWSERS, browser), "system": _called(SYSTEMS, browser)}
    if all(words.values()):
        return _("%(browser)s on %(system)s") % words
    return words["browser"] or words["system"] or _("Unknown browser")


def is_handheld(browser: str) -> bool:
    """Tell whether that is a phone or tablet."""
    return bool(HANDHELD.search(browser))


def _called(names: dict[str, str], browser: str) -> str:
    return next((name for says, name in names.items() if re.search(says, browser)), "")


def _device(request: HttpRequest, since: float, seen: float) -> dict[str, Any]:
    return {
        "since": since,
        "seen": seen,
        "address": client_address(request),
        "browser": request.headers.get("User-Agent", "")[:BROWSER_MAX].replace("\x00", ""),
    }


def _often() -> float:
    """Return after how many seconds use is noted again: so often that nobody ends too early."""
    idle = settings.SESSION_IDLE_HOURS * HOUR
    return min(HOUR, idle / 12) if idle else HOUR
