"""Chromium as the browser tests drive it, and a visitor's page in it."""

import os
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

# Of several such flags the last one counts: these are Playwright's own, and two pages of Chromium's
# address bar, which would start with each visitor and cost more than ours.
WITHOUT = (
    *("AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose", "PaintHolding"),
    *("HttpsUpgrades", "HttpsFirstBalancedModeAutoEnable", "ThirdPartyStoragePartitioning"),
    *("LensOverlay", "MediaRouter", "OptimizationHints", "NetworkTimeServiceQuerying"),
    *("WebUIOmniboxPopup", "WebUIOmniboxAimPopup"),
)
CHROMIUM_FLAGS = [
    f"--disable-features={','.join(WITHOUT)}",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WAIT_MS = 30_000  # a busy machine is slow, and no test waits for what is there
# Not every violation is an error in the console: of a policy that only reports, none is.
VIOLATIONS = """addEventListener("securitypolicyviolation", (event) => console.error(
    "Content security policy:", event.effectiveDirective, event.blockedURI, event.sourceFile))"""
# Until its scripts run, a page takes no press of a pointer, which would do less than it says: tests
# press sooner than anybody could. A frame has no scripts of ours.
READY = """if (self === top) {
    const waiting = new CSSStyleSheet();
    waiting.replaceSync("html { pointer-events: none }");
    document.adoptedStyleSheets.push(waiting);
    addEventListener("load", () => document.adoptedStyleSheets.pop());
}"""
REFUSED = re.compile(r"the server responded with a status of 4\d\d")


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """Return the path of the Chromium to drive."""
    from tests import chromium

    return chromium.find_or_install()


@pytest.fixture(scope="session")
def browser(chromium_path: str) -> Iterator[Browser]:
    """Run one Chromium for all browser tests; each test opens contexts of its own in it."""
    # Playwright keeps an event loop in this thread, which Django takes for asynchronous code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        expect.set_options(timeout=WAIT_MS)
        browser = playwright.chromium.launch(executable_path=chromium_path, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser: Browser, live_server: Any) -> Iterator[Callable[..., Page]]:
    """Return a function that opens a page of a fresh visitor; its arguments are new_context's.

    The test fails where a page reports an error: of a script, of the content security policy, or
    of a file it lacks. An answer with a 4xx status to an action is no error of the page. Visitors
    want no motion: Playwright scrolls away from what still moves, and presses what was behind it.
    """
    contexts, errors = [], []

    def note(message: ConsoleMessage) -> None:
        refused = REFUSED.search(message.text) and "/static/" not in message.location["url"]
        if message.type == "error" and not refused:
            errors.append(f"{message.location['url']}: {message.text}")

    def open_page(**options: Any) -> Page:
        usual = {"base_url": live_server.url, "reduced_motion": "reduce"}
        context = browser.new_context(**usual | options)
        context.set_default_timeout(WAIT_MS)
        context.add_init_script(VIOLATIONS)
        if options.get("java_script_enabled", True):
            context.add_init_script(READY)
        context.on("console", note)
        context.on("weberror", lambda problem: errors.append(str(problem.error)))
        contexts.append(context)
        return context.new_page()

    yield open_page
    for context in contexts:
        context.close()
    assert not errors, "\n".join(errors)


@pytest.fixture
def page(open_page: Callable[..., Page]) -> Page:
    """Return a page of a fresh visitor."""
    return open_page()


@pytest.fixture
def sign_in(live_server: Any) -> Callable[[Page, Any], None]:
    """Return a function that signs a user in on a page, without the sign-in form."""
    from django.conf import settings
    from django.test import Client

    def sign_in(page: Page, user: Any) -> None:
        client = Client()
        client.force_login(user)
        value = client.cookies[settings.SESSION_COOKIE_NAME].value
        cookie = {"name": settings.SESSION_COOKIE_NAME, "value": value, "url": live_server.url}
        page.context.add_cookies([cookie])

    return sign_in
