"""What our own script does in a browser: toasts, drafts, dialogs, keys, one submit per press."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Browser, Page, Route, expect

from contacts.models import Comment, Contact
from tests.builders import make_contact, make_user

pytestmark = pytest.mark.django_db(transaction=True)
PASSWORD = "a riverbed in June"
TEXT = "They want one invoice per depot.\nCall back on the 9th."


@pytest.fixture
def amara(transactional_db: None) -> Contact:
    """Make the contact whose page is open."""
    address = "amara@calderwren.example"
    return make_contact(given_name="Amara", family_name="Okonkwo", emails=[address])


@pytest.fixture
def page(
    browser: Browser, live_server: Any, sign_in: Callable[[Page, Any], None], amara: Contact
) -> Iterator[Page]:
    """Open Amara's page as Ada. Unlike other pages, it may lose the server."""
    context = browser.new_context(base_url=live_server.url)
    context.set_default_timeout(10_000)
    page = context.new_page()
    sign_in(page, make_user(name="Ada", password=PASSWORD))
    page.goto(f"/contacts/{amara.pk}/")
    yield page
    context.close()


def break_once(page: Page, address: str, fail: Callable[[Route], None]) -> None:
    """Have the next request to an address fail."""
    page.route(address, fail, times=1)


def a_crash(route: Route) -> None:
    route.fulfill(status=500, content_type="text/html", body="<h1>Server error</h1>")


def a_dead_line(route: Route) -> None:
    route.abort("connectionrefused")


def comment_field(page: Page) -> Any:
    return page.get_by_role("textbox", name="Comment")


def test_a_draft_comes_back_until_it_was_saved(page: Page) -> None:
    comment_field(page).fill(TEXT)
    page.reload()
    expect(comment_field(page)).to_have_value(TEXT)
    page.keyboard.press("c")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("article")).to_contain_text("They want one invoice per depot.")
    expect(comment_field(page)).to_have_value("")
    page.reload()
    expect(page.get_by_role("article")).to_contain_text("Call back on the 9th.")
    expect(comment_field(page)).to_have_value("")
    assert Comment.objects.count() == 1


def test_a_draft_is_one_persons_own(page: Page, sign_in: Callable[[Page, Any], None]) -> None:
    comment_field(page).fill(TEXT)
    sign_in(page, make_user(name="Mia"))
    page.reload()
    expect(comment_field(page)).to_have_value("")


def test_a_draft_survives_a_lost_session(page: Page) -> None:
    comment_field(page).fill(TEXT)
    Session.objects.all().delete()
    page.get_by_role("button", name="Add comment").click()
    page.get_by_label("Email").fill("ada@annals.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(comment_field(page)).to_have_value(TEXT)
    assert not Comment.objects.exists()


@pytest.mark.parametrize(
    ("fail", "says"),
    [(a_crash, "Something went wrong on the server"), (a_dead_line, "The server didn’t answer")],
)
def test_a_failed_request_keeps_the_text_and_can_be_repeated(
    page: Page, fail: Callable[[Route], None], says: str
) -> None:
    break_once(page, "**/comments/", fail)
    comment_field(page).fill(TEXT)
    page.get_by_role("button", name="Add comment").click()
    expect(page.get_by_role("alert")).to_contain_text(says)
    expect(comment_field(page)).to_have_value(TEXT)
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("article")).to_contain_text("Call back on the 9th.")
    expect(page.get_by_role("button", name="Try again")).to_have_count(0)
    assert Comment.objects.count() == 1


def test_an_error_stays_until_it_is_dismissed(page: Page) -> None:
    page.clock.install()
    break_once(page, "**/comments/", a_crash)
    comment_field(page).fill(TEXT)
    page.get_by_role("button", name="Add comment").click()
    expect(page.get_by_role("alert")).to_contain_text("Something went wrong")
    page.clock.fast_forward(60_000)
    expect(page.get_by_role("alert")).to_contain_text("Something went wrong")
    page.get_by_role("button", name="Dismiss").click()
    expect(page.get_by_role("alert")).not_to_contain_text("Something went wrong")


def test_a_message_goes_by_itself_but_not_while_somebody_is_at_it(page: Page) -> None:
    page.clock.install()
    comment_field(page).fill(TEXT)
    page.get_by_role("button", name="Add comment").click()
    message = page.get_by_role("status").get_by_text("Comment added")
    expect(message).to_be_visible()
    message.hover()
    page.clock.fast_forward(6_000)
    expect(message).to_be_visible()
    page.mouse.move(0, 0)
    page.clock.fast_forward(4_000)
    expect(message).to_be_visible()
    page.clock.fast_forward(1_100)
    expect(message).to_have_count(0)


def archive(page: Page) -> None:
    page.get_by_role("button", name="Archive").click()
    page.locator("#archive-menu").get_by_role("button", name="Archive").click()


def test_archiving_can_be_undone_for_ten_seconds(page: Page, amara: Contact) -> None:
    page.clock.install()
    archive(page)
    undo = page.get_by_role("button", name="Undo")
    expect(undo).to_be_visible()
    page.clock.fast_forward(9_000)
    expect(undo).to_be_visible()
    undo.click()
    expect(page.get_by_role("button", name="Restore")).to_have_count(0)
    expect(undo).to_have_count(0)
    amara.refresh_from_db()
    assert not amara.is_archived


def test_undo_works_after_a_whole_page_was_loaded(page: Page, amara: Contact) -> None:
    page.evaluate("document.querySelector('#newest').remove()")  # as where older events are shown
    archive(page)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("button", name="Archive").first).to_be_visible()
    amara.refresh_from_db()
    assert not amara.is_archived


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


def open_delete_dialog(page: Page) -> Any:
    page.get_by_role("link", name="Delete").click()
    dialog = page.get_by_role("dialog", name="Delete Amara Okonkwo?")
    expect(dialog).to_be_visible()
    return dialog


def test_deleting_stays_locked_until_the_name_is_typed(page: Page) -> None:
    dialog = open_delete_dialog(page)
    confirm = dialog.get_by_label("to confirm")
    expect(confirm).to_be_focused()
    delete = dialog.get_by_role("button", name="Delete for good")
    expect(delete).to_be_disabled()
    confirm.fill("Amara Okonk")
    expect(delete).to_be_disabled()
    confirm.fill(" amara  okonkwo ")
    expect(delete).to_be_enabled()


@pytest.mark.parametrize("way", ["escape", "button"])
def test_a_dialog_that_closes_leaves_nothing_behind(page: Page, way: str) -> None:
    address = page.url
    dialog = open_delete_dialog(page)
    if way == "escape":
        page.keyboard.press("Escape")
    else:
        dialog.get_by_text("Keep contact").click()
    expect(page.locator("dialog")).to_have_count(0)
    expect(page.get_by_role("link", name="Delete")).to_be_focused()
    assert page.url == address


def test_what_fails_inside_a_dialog_is_said_and_repeated_there(page: Page) -> None:
    dialog = open_delete_dialog(page)
    dialog.get_by_label("to confirm").fill("Amara Okonkwo")
    break_once(page, "**/delete", a_crash)
    dialog.get_by_role("button", name="Delete for good").click()
    again = dialog.get_by_role("button", name="Try again")
    expect(again).to_be_visible()
    again.click()
    expect(page.get_by_role("heading", name="was deleted")).to_be_visible()
    assert not Contact.objects.exists()


def test_a_button_of_a_form_may_lead_elsewhere(page: Page, amara: Contact) -> None:
    open_delete_dialog(page).get_by_role("button", name="Archive instead").click()
    expect(page.get_by_role("button", name="Restore")).to_be_visible()
    amara.refresh_from_db()
    assert amara.is_archived


@pytest.mark.parametrize("clipboard", ["present", "missing, as on plain http"])
def test_an_address_is_copied(page: Page, clipboard: str) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    if clipboard != "present":
        page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject() }")
    page.get_by_role("button", name="Copy amara@calderwren.example").click()
    expect(page.get_by_role("status").get_by_text("Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == "amara@calderwren.example"


def test_single_letters_are_shortcuts_outside_of_fields_only(page: Page) -> None:
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("c/")
    expect(page.get_by_role("searchbox")).to_have_value("c/")
    page.get_by_role("searchbox").blur()
    page.keyboard.press("c")
    expect(comment_field(page)).to_be_focused()
    expect(comment_field(page)).to_have_value("")


def test_what_is_no_longer_there_is_said_in_place(page: Page, amara: Contact) -> None:
    page.evaluate("htmx.ajax('GET', '/nowhere', {target: '#head'})")
    expect(page.get_by_role("alert")).to_contain_text("This is no longer here")
    expect(page.get_by_role("heading", name="Amara Okonkwo")).to_be_visible()


@pytest.mark.parametrize(("width", "shown"), [(390, False), (1280, True)])
def test_facts_are_folded_on_a_phone(page: Page, width: int, shown: bool) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.reload()
    expect(page.get_by_role("link", name="amara@calderwren.example")).to_be_visible(visible=shown)
