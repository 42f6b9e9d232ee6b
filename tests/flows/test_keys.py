"""Getting about by keyboard: keys, the palette, menus, and the neighbours of a list."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def people(transactional_db: None) -> list[Any]:
    from tests.builders import make_contact

    return [
        make_contact(given_name=name, family_name="Okonkwo", emails=[f"{name}@calder.example"])
        for name in ("Ann", "Bob", "Cid")
    ]


@pytest.fixture
def ada(people: list[Any], page: Page, sign_in: Callable[[Page, Any], None]) -> Any:
    """Sign Ada in, on the list by name."""
    from tests.builders import make_user

    ada = make_user(name="Ada")
    sign_in(page, ada)
    page.goto("/contacts/?sort=name")
    return ada


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def arrive(page: Page, heading: str) -> None:
    """Wait until that page is there, with its keys."""
    expect(page.get_by_role("heading", level=1, name=heading)).to_be_visible()
    page.wait_for_load_state()


def leave(page: Page) -> None:
    """Close the dialog that is open."""
    press(page, "Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_contacts_are_gone_through_commented_and_archived_by_keys_alone(
    page: Page, ada: Any, people: list[Any]
) -> None:
    press(page, "j", "j", "k")
    expect(page.get_by_role("row").filter(has_text="Ann Okonkwo")).to_be_focused()
    press(page, "x")
    expect(page.get_by_role("checkbox", name="Select Ann Okonkwo")).to_be_checked()
    press(page, "j", "Enter")
    arrive(page, "Bob Okonkwo")
    expect(page.get_by_role("link", name="2 of 3")).to_be_visible()
    press(page, "c")
    page.keyboard.type("Call back, c and j are letters here")
    press(page, "Control+Enter")
    said = page.get_by_role("article").filter(has_text="c and j are letters here")
    expect(said.get_by_role("link", name="Edit")).to_be_visible()
    page.get_by_role("heading", level=1).click()  # leave the field
    press(page, "j")
    expect(page.locator(".ev:focus")).to_have_attribute("aria-label", "Ada commented")
    press(page, "j")
    expect(page.locator(".ev:focus")).to_contain_text("created")
    press(page, "e")
    expect(page.get_by_label("Reason, if you like", exact=True)).to_be_focused()
    page.keyboard.type("Left")
    press(page, "Tab", "Tab")
    page.get_by_role("group", name="Archive").get_by_role("button", name="Archive").press("Enter")
    expect(page.get_by_role("button", name="Restore").first).to_be_visible()
    press(page, "]")
    arrive(page, "Cid Okonkwo")
    press(page, "i")
    expect(page.get_by_role("dialog")).to_contain_text("Invite")
    leave(page)
    press(page, "m")
    expect(page.get_by_role("textbox", name="Message")).to_be_visible()
    page.get_by_role("heading", level=1).click()
    press(page, "g", "l")
    arrive(page, "Activity log")
    press(page, "/")
    expect(page.get_by_role("searchbox")).to_be_focused()


def test_the_palette_finds_contacts_pages_and_what_the_page_can_do(
    page: Page, ada: Any, people: list[Any]
) -> None:
    press(page, "Control+k")
    field = page.get_by_role("combobox")
    expect(field).to_be_focused()
    options = page.get_by_role("dialog").get_by_role("option")
    expect(options.filter(has_text="New contact").first).to_be_visible()
    page.keyboard.type("bob", delay=20)
    expect(options).to_have_text(["BOBob Okonkwo"])
    expect(page.get_by_role("status").filter(has_text="Results")).to_have_text("Results: 1")
    expect(options.first).to_have_attribute("aria-selected", "true")
    assert field.get_attribute("aria-activedescendant") == options.first.get_attribute("id")
    press(page, "Enter")
    arrive(page, "Bob Okonkwo")
    press(page, "Control+k")
    expect(page.get_by_role("combobox")).to_be_focused()
    page.keyboard.type("arch")
    press(page, "Enter")  # sooner than the options are there
    expect(page.get_by_label("Reason, if you like", exact=True)).to_be_focused()
    press(page, "Escape", "Control+k")
    page.get_by_role("combobox").press_sequentially("nobody at all")
    expect(page.get_by_text("Nothing fits “nobody at all”.")).to_be_visible()
    leave(page)


def test_arrows_go_through_the_palette_and_round_its_end(page: Page, ada: Any) -> None:
    press(page, "Control+k")
    options = page.get_by_role("dialog").get_by_role("option")
    expect(options.first).to_have_attribute("aria-selected", "true")
    press(page, "ArrowDown", "ArrowDown", "ArrowUp")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    press(page, "ArrowUp", "ArrowUp")
    expect(options.last).to_have_attribute("aria-selected", "true")
    press(page, "ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")


def test_arrows_go_through_a_menu_and_escape_leads_back(page: Page, ada: Any) -> None:
    export = page.get_by_role("button", name="Export")
    export.focus()
    press(page, "ArrowDown")
    menu = page.get_by_role("group", name="Export")
    expect(menu.get_by_role("button", name="CSV")).to_be_focused()
    press(page, "ArrowDown")
    expect(menu.get_by_role("button", name="vCard")).to_be_focused()
    press(page, "ArrowDown", "End", "Home")
    expect(menu.get_by_role("button", name="CSV")).to_be_focused()
    press(page, "Escape")
    expect(menu).to_be_hidden()
    expect(export).to_be_focused()


def test_what_a_small_screen_keeps_in_a_menu_opens_beside_it(
    page: Page, ada: Any, people: list[Any]
) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    page.emulate_media(reduced_motion="reduce")  # it opens where it stays
    page.goto(people[0].get_absolute_url())
    press(page, "e")
    reason = page.get_by_role("group", name="Archive")
    expect(reason).to_be_visible()
    menu, button = (
        each.bounding_box() for each in (reason, page.get_by_role("button", name="More actions"))
    )
    assert menu and button
    assert menu["y"] >= button["y"] + button["height"]


def test_all_keys_are_listed_and_can_be_turned_off(page: Page, ada: Any) -> None:
    press(page, "?")
    listed = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(listed).to_contain_text("Archive or restore")
    listed.get_by_role("link", name="Turn off shortcuts").click()
    page.get_by_label("Keyboard shortcuts").uncheck()
    page.get_by_role("button", name="Save preferences").click()
    expect(page.get_by_text("Preferences saved")).to_be_visible()
    page.goto("/contacts/")
    press(page, "?", "j", "n", "g", "l", "Control+k")
    arrive(page, "Contacts")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator("[aria-keyshortcuts]")).to_have_count(0)
    page.get_by_role("link", name="Find").first.click()  # what keys do can be pressed
    expect(page.get_by_role("combobox")).to_be_focused()


def test_keys_are_found_on_keyboards_of_other_letters(page: Page, ada: Any) -> None:
    for key, code in (("ل", "KeyG"), ("م", "KeyL")):
        page.evaluate(
            """([key, code]) => document.body.dispatchEvent(
                new KeyboardEvent("keydown", { key, code, bubbles: true, cancelable: true }))""",
            [key, code],
        )
    arrive(page, "Activity log")


def test_a_view_is_saved_and_opened(page: Page, ada: Any) -> None:
    page.get_by_role("button", name="Views").click()
    page.get_by_role("link", name="Save this view…").click()
    page.get_by_role("dialog").get_by_label("Name").fill("By name")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="By name")).to_be_visible()
    page.goto("/contacts/")
    page.get_by_role("button", name="Views").click()
    page.get_by_role("link", name="By name").click()
    page.wait_for_url("**/contacts/?sort=name")


def test_without_javascript_people_get_about_by_links(
    open_page: Callable[..., Page], sign_in: Callable[[Page, Any], None], people: list[Any]
) -> None:
    from tests.builders import make_user

    page = open_page(java_script_enabled=False)
    sign_in(page, make_user(name="Ada"))
    page.goto("/contacts/?sort=name")
    page.get_by_role("link", name="Ann Okonkwo").click()
    page.get_by_role("link", name="Next", exact=True).click()
    arrive(page, "Bob Okonkwo")
    page.get_by_role("link", name="Find").first.click()
    page.get_by_role("textbox", name="Find a contact").fill("cid")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Cid Okonkwo").click()
    arrive(page, "Cid Okonkwo")


def test_nobody_is_kept_from_getting_about(page: Page, ada: Any, people: list[Any]) -> None:
    from contacts.models import Recent, SavedView
    from tests.barriers import barriers

    narrow, wide = ("dark", 320), ("light", 1280)
    for person in people:
        Recent.objects.note(ada, person)
    SavedView.objects.create(owner=ada, name="By name", query="sort=name", shared=True)
    page.goto("/contacts/views/")
    found = barriers(page, *wide)
    page.goto("/contacts/?sort=name")
    page.get_by_role("button", name="By name").click()
    found += barriers(page, *narrow)
    page.goto(f"{people[1].get_absolute_url()}?list=sort%3Dname")
    expect(page.get_by_role("link", name="2 of 3")).to_be_visible()
    press(page, "Control+k")
    expect(page.get_by_role("option", name="Message").first).to_be_visible()
    found += barriers(page, *narrow)
    leave(page)
    press(page, "?")
    expect(page.get_by_role("dialog")).to_be_visible()
    found += barriers(page, *wide)
    assert not found, "\n".join(found)
