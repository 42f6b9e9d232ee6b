"""Who acts, through what and from where: known to the whole call without being passed around.

A middleware opens a context for each request, Celery restores it in tasks, commands open theirs.
Without one, the actor is the system: never a guess.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone
from uuid_utils.compat import uuid7


@dataclass(frozen=True)
class Context:
    """Where a change comes from.

    `actor` is the signed-in user, a contact that acts without an account, or None for the system;
    `channel` is web, admin, api, import,
    command, task or system; `route` is the URL's, task's or command's name; `parent` is the id of
    the context that caused this one. `clock` tells when its events happen; the demo's stands in the
    past. The database adds its own time of recording, whatever this clock says.
    """

    actor: Any = None
    channel: str = "system"
    route: str = ""
    address: str | None = None
    user_agent: str = ""
    parent: UUID | None = None
    id: UUID = field(default_factory=uuid7)
    started_at: datetime = field(default_factory=timezone.now)
    clock: Callable[[], datetime] = timezone.now

    @property
    def actor_type(self) -> str:
        """Return "user", "contact" or "system"."""
        return "system" if self.actor is None else getattr(self.actor, "noun", "user")

    @property
    def actor_id(self) -> UUID | None:
        """Return the id of the acting user or contact, or None."""
        return self.actor and self.actor.pk


_SYSTEM = Context()
_current: ContextVar[Context] = ContextVar("activity_context", default=_SYSTEM)


def current() -> Context:
    """Return the context in force."""
    return _current.get()


def enter(**fields: Any) -> Context:
    """Open a context until the surrounding `keeping` ends."""
    context = Context(**fields)
    _current.set(context)
    return context


@contextmanager
def keeping() -> Iterator[None]:
    """Run the block and put back the context that was in force before."""
    token = _current.set(_current.get())
    try:
        yield
    finally:
        _current.reset(token)


@contextmanager
def acting(**fields: Any) -> Iterator[Context]:
    """Run the block under a context of its own: `with acting(actor=ada, channel="command"):`."""
    with keeping():
        yield enter(**fields)
