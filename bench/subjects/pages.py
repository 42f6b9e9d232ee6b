"""Annals' own pages and actions beside the least a page and an action can cost in Django.

Over WSGI and in process: what a server and a socket add is in bench/load. The contact is the one
with the most events.
"""

import re
from collections.abc import Mapping
from typing import Any

from uuid_utils.compat import uuid7

from bench.conductor import Conductor, Turn
from bench.cpu import measured
from bench.median import summed
from bench.sizes import Sizes
from bench.wsgi import Visitor

TITLE = "Annals’ pages beside a bare page, its actions beside a bare one"
BARE_PAGE, BARE_POST = "a bare page, signed in", "a bare POST that saves a contact"
PAGES = {
    "contact page": "/contacts/{pk}/",
    "history": "/contacts/{pk}/history",
    "list of contacts": "/contacts/",
    "search": "/contacts/?q=okonkwo",
    "activity log": "/activity/",
}
FRAGMENTS = {
    "timeline (fragment)": "/contacts/{pk}/timeline",
    "timeline, older (fragment)": "/contacts/{pk}/timeline/older?before={before}",
}
ACTIONS = ("add a comment", "archive")


def gets(contender: Any, address: str, htmx: bool, count: int, turn: int) -> dict[str, Any]:
    """GET a page `count` times, after once, and return what one took."""
    visitor = Visitor(contender.user)
    hot = contender.contacts.objects.order_by("id")[1].pk
    address = address.format(pk=hot, before=_newest(visitor, hot) if "{before}" in address else "")
    visitor.ask(address, htmx=htmx)
    with measured() as spent:
        for _ in range(count):
            answer = visitor.ask(address, htmx=htmx)
    size = {"bytes": len(answer.body), "queries": visitor.queries(address, htmx=htmx)}
    return spent.per(count) | size


def saves(contender: Any, count: int, turn: int) -> dict[str, Any]:
    """POST two changed fields `count` times to bare Django, each time of another contact."""
    visitor = Visitor(contender.user)
    contacts = contender.contacts.objects.order_by("id").values_list("pk", flat=True)[:count]
    posts = [
        (f"/bare/save/{pk}", {"job_title": f"Buyer {turn}", "city": f"Turin {turn}"})
        for pk in contacts
    ]
    return _posted(visitor, posts)


def comments(contender: Any, count: int, turn: int) -> dict[str, Any]:
    """Add comments to the contact with the most events, as the page does."""
    visitor = Visitor(contender.user)
    pk = contender.contacts.objects.order_by("id")[1].pk
    newest = _newest(visitor, pk)
    posts = [
        (f"/contacts/{pk}/comments/", {"id": str(uuid7()), "body": "Called.", "newest": newest})
        for _ in range(count)
    ]
    return _posted(visitor, posts)


def archives(contender: Any, count: int, turn: int) -> dict[str, Any]:
    """Archive contacts that are not archived yet, as the page does."""
    visitor = Visitor(contender.user)
    chosen = contender.contacts.objects.filter(archived_at=None).order_by("-id")[:count]
    posts = [
        (f"/contacts/{each.pk}/archive", {"reason": "Left", "newest": _newest(visitor, each.pk)})
        for each in chosen
    ]
    return _posted(visitor, posts)


def conduct(conductor: Conductor, sizes: Sizes) -> dict[str, Any]:
    """Return what each page costs as a ratio to a bare page, and each action to a bare POST."""
    conductor.ask("annals", "reading", "fill", events=sizes.events, hot=sizes.hot)

    def get(player: str, address: str, *, htmx: bool = False) -> Turn:
        arguments = {"address": address, "htmx": htmx, "count": sizes.requests}
        return Turn(player, "pages", "gets", arguments)

    pages = {BARE_PAGE: get("bare", "/bare/")}
    pages |= {name: get("annals", address) for name, address in PAGES.items()}
    pages |= {name: get("annals", address, htmx=True) for name, address in FRAGMENTS.items()}
    posts = {BARE_POST: Turn("bare", "pages", "saves", {"count": sizes.posts})}
    posts |= {
        name: Turn("annals", "pages", work, {"count": sizes.posts})
        for name, work in zip(ACTIONS, ("comments", "archives"), strict=True)
    }
    figures = summed(conductor.rounds(pages, sizes.long_rounds), BARE_PAGE)
    return figures | summed(conductor.rounds(posts, sizes.long_rounds), BARE_POST)


def table(figures: dict[str, Any]) -> tuple[list[str], list[list[str]]]:
    """Return the heads and rows of a table."""
    heads = ["what", "queries", "CPU, × bare", "CPU ms", "of it database", "kB"]
    rows = [
        [
            name,
            f"{each['queries']['median']:.0f}" if "queries" in each else "",
            f"{each['ratio']['median']:.2f}",
            f"{each['cpu']['median'] * 1e3:.1f}",
            f"{each['database']['median'] * 1e3:.1f}",
            f"{each['bytes']['median'] / 1e3:.0f}",
        ]
        for name, each in figures.items()
        if "ratio" in each
    ]
    return heads, rows


def _posted(visitor: Visitor, posts: list[tuple[str, Mapping[str, str]]]) -> dict[str, Any]:
    with measured() as spent:
        for address, data in posts:
            answer = visitor.ask(address, data, htmx="newest" in data)
    return spent.per(len(posts)) | {"bytes": len(answer.body)}


def _newest(visitor: Visitor, pk: Any) -> str:
    """Return the number of the newest event that a contact's page shows, as its forms send it."""
    page = visitor.ask(f"/contacts/{pk}/").body.decode()
    return re.search(r'name="newest" value="(\d+)"', page)[1]
