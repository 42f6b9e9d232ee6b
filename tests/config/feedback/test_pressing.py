"""Buttons, keys and folds: one submit per press, shortcuts outside of fields."""

import pytest
from playwright.sync_api import Page, expect

from tests.config.feedback.failing import comment_field

pytestmark = pytest.mark.django_db(transaction=True)


def test_pressing_twice_sends_once(page: Page) -> None:
    page.goto("/preferences/")
    sent = page.evaluate(
        """() => {
            const button = document.querySelector("main button.primary");
            let sent = 0;
            button.form.addEventListener("submit", (event) => {
                sent += !event.defaultPrevented;
                event.preventDefault();
            });
            button.click();
            button.click();
            return sent;
        }"""
    )
    assert sent == 1


def test_no_button_is_busy_on_a_page_that_comes_back_from_memory(page: Page) -> None:
    page.goto("/preferences/")
    save = page.get_by_role("button", name="Save preferences")
    save.evaluate("button => button.setAttribute('data-busy', '')")
    page.evaluate("() => dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    expect(save).not_to_have_attribute("data-busy", "")


def test_single_letters_are_shortcuts_outside_of_fields_only(page: Page) -> None:
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("c/")
    expect(page.get_by_role("searchbox")).to_have_value("c/")
    page.get_by_role("searchbox").blur()
    page.keyboard.press("c")
    expect(comment_field(page)).to_be_focused()
    expect(comment_field(page)).to_have_value("")


@pytest.mark.parametrize(("width", "shown"), [(390, False), (1280, True)])
def test_facts_are_folded_on_a_phone(page: Page, width: int, shown: bool) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.reload()
    expect(page.get_by_role("link", name="amara@calderwren.example")).to_be_visible(visible=shown)
