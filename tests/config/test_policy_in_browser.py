"""What Chromium makes of the content security policy: it blocks, and no test misses it."""

from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.browsers import VIOLATIONS

INSERT = """() => {
    const style = document.createElement("style");
    style.textContent = "body { display: none }";
    document.head.append(style);
}"""


@pytest.mark.django_db(transaction=True)
def test_a_violation_is_blocked_and_seen_by_the_fixture_of_pages(
    browser: Browser, live_server: Any
) -> None:
    said: list[str] = []
    with browser.new_context(base_url=live_server.url) as context:
        context.add_init_script(VIOLATIONS)
        context.on("console", lambda message: said.append(f"{message.type} {message.text}"))
        page = context.new_page()
        page.goto("/accounts/login/")
        expect(page.get_by_role("heading")).to_be_visible()
        assert not said  # not even that a header names what this browser does not know
        seen = "Content security policy: style-src-elem inline"
        with page.expect_console_message(lambda message: message.text.startswith(seen)) as told:
            page.evaluate(INSERT)
        assert told.value.type == "error"
        expect(page.get_by_role("heading")).to_be_visible()
