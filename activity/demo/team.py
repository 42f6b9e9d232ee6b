"""Who works in the demo, and from where."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from accounts.demo import create_demo_users
from activity.context import Context, acting, current
from activity.demo.identity import passing

# Addresses of documentation (RFC 5737 and RFC 3849) belong to nobody.
PLACES = {
    "ada": ("192.0.2.17", "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0"),
    "max": (
        "198.51.100.62",
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)"
        " Version/26.0 Safari/605.1.15",
    ),
    "mia": (
        "2001:db8:4d1a::2c",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
        " Chrome/142.0.0.0 Safari/537.36",
    ),
    "vic": ("203.0.113.9", "Mozilla/5.0 (iPhone; CPU iPhone OS 26_0 like Mac OS X)"),
}


@dataclass(frozen=True)
class Team:
    """The demo users by the first part of their address: ada, max, mia and vic."""

    people: dict[str, Any]
    parent: UUID  # the context of the command
    alike: dict[tuple[str, str, str], dict[str, Any]] = field(default_factory=dict)

    @classmethod
    def assemble(cls, at: datetime) -> "Team":
        """Create the demo users, as if it were then, and return them."""
        here = current()
        then = {"parent": here.id, "started_at": at, "clock": lambda: at}
        with acting(channel=here.channel, route=here.route, **then):
            users = create_demo_users()
        return cls({user.email.partition("@")[0]: user for user in users}, here.id)

    def acts(self, who: str, at: datetime, route: str) -> Context:
        """Return the context in which one of them uses a page, then; the command is its parent."""
        return self._then(("web", route, who), at)

    def visited(self, at: datetime, route: str) -> Context:
        """Return the context in which somebody from outside uses a page, then."""
        return self._then(("web", route, ""), at)

    def imports(self, who: str, at: datetime, pk: UUID | None = None) -> Context:
        """Return the context in which the worker imports a file for one of them, and its id."""
        return self._then(("import", "contacts.tasks.run_import", who), at, pk)

    def _then(self, kind: tuple[str, str, str], at: datetime, pk: UUID | None = None) -> Context:
        """Return the context of a moment, with what all of a channel, route and person share."""
        if kind not in self.alike:
            self.alike[kind] = vars(self._first(*kind))
        context = Context.__new__(Context)
        # Millions are made: the constructor of a frozen class takes four times as long.
        own = {"id": pk or passing(at), "started_at": at, "clock": lambda: at}
        vars(context).update(self.alike[kind], **own)
        return context

    def _first(self, channel: str, route: str, who: str) -> Context:
        place = PLACES[who] if who and channel == "web" else (None, "")
        return Context(self.people.get(who), channel, route, *place, self.parent)
