"""Takes the pictures of the help from a running demo: `python -m tests.pictures [ADDRESS]`.

Writes static/help/<guide>-<theme>.webp. The demo is one that `make run` has just filled, at
http://127.0.0.1:8000 unless an address is given; what the pictures need is not kept.
"""

import base64
import sys
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Locator, Page, sync_playwright

from tests.browsers import CHROMIUM_FLAGS
from tests.chromium import find_or_install

FOLDER = Path(__file__).resolve().parent.parent / "static" / "help"
WIDTH, HEIGHT = 1000, 625  # as templates/help/_picture.html names them
SHARPNESS = 1.25
MAX_BYTES = 25_000
# What the reader is to press stands out.
RING = "outline: 3px solid #e5484d !important; outline-offset: 3px !important"


def comment(page: Page) -> Locator:
    """Write a comment that is not sent."""
    page.locator("#comment").fill("She prefers **mornings**. Call before ten.")
    return page.get_by_role("button", name="Add comment")


def message(page: Page) -> Locator:
    """Write a message that is not sent."""
    page.get_by_role("link", name="Message", exact=True).first.click()
    page.locator("#message-subject").fill("Our meeting on Thursday")
    page.locator("#message").fill("Dear Amara,\n\nshall we begin at ten?")
    return page.locator("#send")


def invite(page: Page) -> Locator:
    """Open the dialog."""
    page.get_by_role("link", name="Invite", exact=True).click()
    return page.get_by_role("button", name="Send invitation")


def share(page: Page) -> Locator:
    """Open the dialog and name somebody."""
    page.get_by_role("button", name="Share via…").click()
    page.get_by_role("link", name="Email…").click()
    page.locator("#share-dialog").wait_for()
    for own in page.locator("#share-dialog [name=to]:checked").all():
        own.uncheck()
    page.locator("#share-to").fill("kim@example.com")
    return page.get_by_role("button", name="Send to kim@example.com")


def archive(page: Page) -> Locator:
    """Open the menu and say why."""
    page.get_by_role("button", name="Archive", exact=True).click()
    menu = page.locator("#archive-menu")
    menu.get_by_role("textbox").fill("Project is over")
    return menu.get_by_role("button", name="Archive")


def delete(page: Page) -> Locator:
    """Open the dialog."""
    page.get_by_role("link", name="Delete", exact=True).click()
    return page.locator("#id_confirm")


def history(page: Page) -> Locator:
    """Open the record."""
    page.get_by_role("link", name="History", exact=True).click()
    return page.get_by_role("button", name="Put back").first


SCENES: dict[str, Callable[[Page], Locator]] = {
    scene.__name__: scene for scene in (comment, message, invite, share, archive, delete, history)
}


def main(address: str) -> None:
    """Take all pictures."""
    FOLDER.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_or_install(), args=CHROMIUM_FLAGS)
        for theme in ("light", "dark"):
            context = browser.new_context(
                base_url=address,
                bypass_csp=True,
                color_scheme=theme,
                device_scale_factor=SHARPNESS,
                locale="en-GB",
                reduced_motion="reduce",
                viewport={"width": WIDTH, "height": HEIGHT},
            )
            page = context.new_page()
            sign_in(page)
            for name, scene in SCENES.items():
                open_contact(page)
                pressed = scene(page)
                pressed.scroll_into_view_if_needed()
                pressed.evaluate("(element, ring) => element.style.cssText = ring", RING)
                page.mouse.move(0, 0)
                (FOLDER / f"{name}-{theme}.webp").write_bytes(taken(page))
            context.close()
        browser.close()


def sign_in(page: Page) -> None:
    """Sign in as the demo's administrator."""
    page.goto("/accounts/login/")
    page.get_by_label("Email").fill("ada@annals.example")
    page.get_by_label("Password").fill("annals-demo")
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.locator("#main").wait_for()


def open_contact(page: Page) -> None:
    """Open the demo's contact of the pictures."""
    page.goto("/contacts/?q=Amara Okonkwo")
    page.evaluate("localStorage.clear()")  # without what was typed for the picture before
    page.get_by_role("link", name="Amara Okonkwo").first.click()
    page.locator("#composer").wait_for()


def taken(page: Page) -> bytes:
    """Return the picture of the window, as good as MAX_BYTES allow."""
    session = page.context.new_cdp_session(page)
    for quality in range(80, 0, -10):
        answer = session.send("Page.captureScreenshot", {"format": "webp", "quality": quality})
        picture = base64.b64decode(answer["data"])
        if len(picture) <= MAX_BYTES:
            break
    return picture


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000")
