"""Where browsers report what a page was kept from doing by its content security policy."""

import json
import logging
import re
import time
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

log = logging.getLogger(__name__)
MOST_BYTES = 16 * 1024  # of what is sent
MOST_REPORTS = 5  # of one request
MOST_LINES = 30  # a minute in each process: anybody can send reports
TYPES = frozenset({"application/csp-report", "application/reports+json", "application/json"})
WORD = re.compile(r"[a-z-]{1,40}", re.ASCII)
HOST = re.compile(r"[a-z0-9.:\[\]-]{1,120}", re.ASCII)


class Limit:
    """Lets so many pass in a minute."""

    def __init__(self, most: int) -> None:
        self._most, self._minute, self._count, self._lock = most, 0, 0, Lock()

    def passes(self) -> bool:
        """Count one more, and tell whether it may pass."""
        minute = int(time.monotonic() // 60)
        with self._lock:
            if minute != self._minute:
                self._minute, self._count = minute, 0
            self._count += 1
            return self._count <= self._most


limit = Limit(MOST_LINES)


@csrf_exempt  # browsers send it by themselves, with no token; it changes nothing
@login_not_required  # the pages of those who are not signed in have a policy, too
@require_POST
def csp_report(request: HttpRequest) -> HttpResponse:
    """Log each violation that a browser reports, without what is personal. Always 204."""
    if request.content_type in TYPES:
        body = request.read(MOST_BYTES + 1)
        if len(body) <= MOST_BYTES:
            for report in reports(body)[:MOST_REPORTS]:
                if limit.passes():
                    log.warning("A page broke its content security policy: %s", told(report))
    return HttpResponse(status=204)


def reports(body: bytes) -> list[dict[str, Any]]:
    """Return the violations that a body names, in either form there is; what is none is left out.

    CSP 3, 5.3 names the fields of the older form with hyphens, Reporting API those of the newer one
    in camel case.
    """
    try:
        sent = json.loads(body)
    except (ValueError, RecursionError):
        return []
    if isinstance(sent, dict):
        found = [sent.get("csp-report")]
    elif isinstance(sent, list):
        found = [
            each.get("body")
            for each in sent
            if isinstance(each, dict) and each.get("type") == "csp-violation"
        ]
    else:
        found = []
    return [each for each in found if isinstance(each, dict)]


def told(report: dict[str, Any]) -> str:
    """Return what may be logged of a violation: names of ours, no address, no text of a page."""
    directive = _first(report, "effectiveDirective", "effective-directive", "violated-directive")
    page = _first(report, "documentURL", "document-uri")
    blocked = _first(report, "blockedURL", "blocked-uri")
    source = _first(report, "sourceFile", "source-file")
    return (
        f"{_word(directive.partition(' ')[0])}, blocked {_where(blocked)}, on the page"
        f" {_name(page)}, by {_file(source)}"
    )


def _first(report: dict[str, Any], *names: str) -> str:
    return next((text for name in names if isinstance(text := report.get(name), str)), "")


def _word(text: str) -> str:
    return text if WORD.fullmatch(text) else "?"


def _where(blocked: str) -> str:
    """Return a keyword as "inline", or the host of an address."""
    if WORD.fullmatch(blocked):
        return blocked
    try:
        parts = urlsplit(blocked)
    except ValueError:
        return "?"
    host = parts.netloc.rpartition("@")[2].lower()
    if host == urlsplit(settings.SITE_URL).netloc:
        return "self"
    return host if HOST.fullmatch(host) else _word(parts.scheme)


def _path(address: str) -> str:
    try:
        return urlsplit(address).path
    except ValueError:
        return ""


def _name(page: str) -> str:
    """Return the name that a page has among our addresses: its path may hold a token."""
    try:
        return resolve(_path(page)).view_name
    except Resolver404:
        return "?"


def _file(source: str) -> str:
    """Return a static file of ours; nothing else of an address."""
    path = _path(source)
    is_ours = path.startswith(settings.STATIC_URL) and re.fullmatch(r"[\w./-]{1,200}", path, re.A)
    return path if is_ours else "?"
