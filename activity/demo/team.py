"""Who works in the demo, and from where."""

from dataclasses import dataclass
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
        address, user_agent = PLACES[who]
        return Context(
            actor=self.people[who],
            channel="web",
            route=route,
            address=address,
            user_agent=user_agent,
            parent=self.parent,
            id=passing(at),
            started_at=at,
            clock=lambda: at,
        )

    def visited(self, at: datetime, route: str) -> Context:
        """Return the context in which somebody from outside uses a page, then."""
        return Context(
            channel="web",
            route=route,
            parent=self.parent,
            id=passing(at),
            started_at=at,
            clock=lambda: at,
        )

    def imports(self, who: str, at: datetime, pk: UUID | None = None) -> Context:
        """Return the context in which the worker imports a file for one of them, and its id."""
        return Context(
            actor=self.people[who],
            channel="import",
            route="contacts.tasks.run_import",
            parent=self.parent,
            id=pk or passing(at),
            started_at=at,
            clock=lambda: at,
        )
