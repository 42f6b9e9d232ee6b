"""What tests of a contact’s page in a browser share: what is typed, and requests that fail."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, Route

PASSWORD = "a riverbed in June"
TEXT = "They want one invoice per depot.\nCall back on the 9th."


def break_once(page: Page, address: str, fail: Callable[[Route], None]) -> None:
    """Have the next request to an address fail."""
    page.route(address, fail, times=1)


def a_crash(route: Route) -> None:
    route.fulfill(status=500, content_type="text/html", body="<h1>Server error</h1>")


def a_dead_line(route: Route) -> None:
    route.abort("connectionrefused")


def comment_field(page: Page) -> Any:
    return page.get_by_role("textbox", name="Comment")
