"""Which pages are read from the replica, and from when on by whom: see accounts/replica.py.

Whoever was answered from the primary knows what stood there, their own actions included. They are
answered from the replica once it has replayed as much. A cookie holds how far that is, for each
browser; the cache holds how far somebody's last action is, for their other browsers, and for what
a worker did in their name.
"""

from collections.abc import Callable, Iterator
from contextvars import copy_context
from typing import Any

from celery import Task
from celery.signals import task_postrun
from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse

from accounts import replica

SAFE = frozenset({"GET", "HEAD"})
# Pages that read much, by the names of their addresses. Forms are not among them, nor what tells
# how a thing goes on that was just begun.
PAGES = frozenset({
    "activity_event",
    "activity_log",
    "activity_log_menu",
    "comment_versions",
    "comment_versions_dialog",
    "contact",
    "contact_card",
    "contact_disclosures",
    "contact_disclosures_export",
    "contact_handover_csv",
    "contact_handover_sheet",
    "contact_history",
    "contact_strip",
    "contacts",
    "event_proof",
    "home",
    "ledger_status",
    "mail_health",
    "timeline",
    "timeline_older",
})  # fmt: skip
# What is asked for by a form, and read while it is sent.
FILES = frozenset({"contacts_export"})
COOKIE = "annals_position"
NEVER = 2**63  # a position that no replica reaches


class ReadingMiddleware:
    """Reads pages from the replica where the person asking will miss nothing there."""

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        if replica.ALIAS not in settings.DATABASES:
            raise MiddlewareNotUsed
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> Any:
        """Answer, and note how far the primary is for whoever was answered from it."""
        with replica.choosing():
            response = self.get_response(request)
            if not replica.is_read() and request.user.is_authenticated:
                position = _note(request, response)
                if _is_file(request, response) and replica.follower.reaches(position):
                    replica.read()
            if replica.is_read() and response.streaming:
                response.streaming_content = _within(iter(response.streaming_content))
        return response

    def process_view(self, request: HttpRequest, view: Callable, *args: Any) -> None:
        """Choose the replica for a page that tolerates it, once it is known who asks."""
        tolerates = request.method in SAFE and request.resolver_match.view_name in PAGES
        if tolerates and request.user.is_authenticated and replica.follower.has(_known(request)):
            replica.read()

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Make a page from the primary where the replica failed while it was made."""
        if not (replica.is_read() and isinstance(error, replica.FAILURES)):
            return None
        replica.follower.fail(error)
        replica.stay_on_primary()
        match = request.resolver_match
        return match.func(request, *match.args, **match.kwargs)


@task_postrun.connect
def note_task(task: Task, **kwargs: Any) -> None:
    """Note how far the primary is for whoever a task was done for; Celery calls this."""
    actor = (task.request.headers or {}).get("actor")
    if actor and replica.ALIAS in settings.DATABASES:
        _keep(actor, replica.written())


def _note(request: HttpRequest, response: HttpResponse) -> int:
    """Note how far the primary is for who asked, and return it."""
    try:
        position = replica.written()
    except replica.FAILURES:
        position = NEVER
    response.set_cookie(
        COOKIE,
        str(position),
        max_age=_seconds(),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    if request.method not in SAFE:
        _keep(request.user.pk, position)
    return position


def _is_file(request: HttpRequest, response: HttpResponse) -> bool:
    match = request.resolver_match
    return response.streaming and match is not None and match.view_name in FILES


def _known(request: HttpRequest) -> int:
    """Return up to which position the person asking knows the primary."""
    noted = request.COOKIES.get(COOKIE, "")
    seen = int(noted) if noted.isascii() and noted.isdecimal() and len(noted) < 20 else 0
    return max(seen, cache.get(_key(request.user.pk), 0))


def _keep(user_id: Any, position: int) -> None:
    cache.set(_key(user_id), position, _seconds())


def _key(user_id: Any) -> str:
    return f"annals.position:{user_id}"


def _seconds() -> int:
    """Return after how many seconds a replica that may be read has replayed a position anyhow."""
    return 2 * settings.READ_MAX_LAG_SECONDS + 60


def _within(content: Iterator[bytes]) -> Iterator[bytes]:
    """Return the parts of a streamed answer, made as the page was: they are asked for later."""
    context = copy_context()
    end: Any = object()
    return iter(lambda: context.run(next, content, end), end)
