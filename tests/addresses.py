"""Every address of Annals, as the resolver has it."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.urls import URLPattern, URLResolver, get_resolver

PLACE = re.compile(r"<(?:([^:>]+):)?(\w+)>")


@dataclass(frozen=True, order=True)
class Address:
    """The name of an address and its route, in which parameters stand as `<kind:name>`."""

    name: str
    route: str

    def filled(self, value: Callable[[str, str, str], object]) -> str:
        """Return a path: `value` is given what stands before a parameter, its kind and its name."""
        return PLACE.sub(
            lambda place: str(
                value(PLACE.sub("*", self.route[: place.start()]), place[1] or "str", place[2])
            ),
            self.route,
        )


def addresses() -> list[Address]:
    """Return all addresses, by name."""
    return sorted(set(_walk(get_resolver().url_patterns)))


def _walk(
    patterns: list[URLPattern | URLResolver], before: str = "/", names: str = ""
) -> Iterator[Address]:
    for entry in patterns:
        route = str(entry.pattern).removeprefix("^").removesuffix("$").removesuffix(r"\Z")
        route = re.sub(r"\(\?P<(\w+)>([^)]*)\)", _parameter, route)
        route = re.sub(r"\(\[\^/\]\+\)", "<arg>", route)
        if isinstance(entry, URLResolver):
            inner = f"{names}{entry.namespace}:" if entry.namespace else names
            yield from _walk(entry.url_patterns, before + route, inner)
        elif "(" not in route:
            yield Address(f"{names}{entry.name}", before + route)


def _parameter(group: re.Match) -> str:
    """Write a group of a regular expression as a parameter; alternatives are its kind."""
    return f"<{group[2]}:{group[1]}>" if re.fullmatch(r"[\w|]+", group[2]) else f"<{group[1]}>"
