"""The log as a browser drives it: filters, menus, the badge, with and without scripts."""

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from activity.ledger.sealing import seal_pending
from tests.activity.happenings import change, happen
from tests.barriers import barriers, barriers_anywhere
from tests.builders import make_contact, make_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def story() -> dict[str, Any]:
    mia, max_ = make_user(name="Mia"), make_user(name="Max")
    amara, henrik = make_contact(), make_contact(given_name="Henrik")
    happen(amara, actor=mia, changes=[change("City", "Lagos", "Porto")])
    happen(amara, "contact.archived", actor=max_, reason="Paused until the budget round")
    seal_pending()
    happen(henrik, "contact.restored", actor=mia)
    henrik.delete()
    return {"mia": mia, "max": max_, "amara": amara}


def entries(page: Any) -> Any:
    return page.locator(".log-table tr[id^=e-]")


def test_the_list_follows_what_is_typed_and_back_returns_to_it(
    page: Any, sign_in: Any, story: dict[str, Any]
) -> None:
    sign_in(page, story["max"])
    page.goto("/activity/?group=people")
    everything = entries(page).count()
    field = page.get_by_role("searchbox", name="Search the log")
    field.press_sequentially("budget")
    expect(entries(page)).to_have_count(1)
    expect(field).to_be_focused()
    expect(page).to_have_url(re.compile(r"/activity/\?group=people&q=budget$"))
    page.get_by_role("link", name="Remove filter “budget”").click()
    expect(entries(page)).to_have_count(everything)
    page.go_back()
    expect(entries(page)).to_have_count(1)


def test_a_person_is_found_in_the_menu_and_chosen(
    page: Any, sign_in: Any, story: dict[str, Any]
) -> None:
    sign_in(page, story["max"])
    page.goto("/activity/")
    page.get_by_role("button", name="Anyone").click()
    page.get_by_label("Name of a person").press_sequentially("mi")
    menu = page.get_by_role("group", name="Who acted")
    expect(menu.get_by_role("link", name="Max")).to_have_count(0)
    menu.get_by_role("link", name="Mia").click()
    expect(page).to_have_url(re.compile(rf"actor={story['mia'].pk}$"))
    expect(entries(page)).to_have_count(2)


@pytest.mark.parametrize("scripts", [True, False])
def test_kinds_and_days_are_chosen_with_and_without_scripts(
    open_page: Any, sign_in: Any, story: dict[str, Any], scripts: bool
) -> None:
    page = open_page(java_script_enabled=scripts)
    sign_in(page, story["max"])
    page.goto("/activity/")
    page.get_by_role("button", name="All kinds").click()
    page.get_by_role("checkbox", name="Contact archived").check()
    page.get_by_role("checkbox", name="Contact restored").check()
    page.get_by_role("button", name="Show these kinds").click()
    expect(entries(page)).to_have_count(2)
    page.get_by_role("button", name="Any date").click()
    page.get_by_label("To", exact=True).fill("2026-05-31")
    page.get_by_role("button", name="Show these days").click()
    expect(page).to_have_url(re.compile(r"kind=contact\.restored.*to=2026-05-31"))
    expect(entries(page)).to_have_count(2)
    page.get_by_role("link", name=re.compile("Remove filter Until")).click()
    page.get_by_role("button", name="Any source").click()
    page.get_by_role("link", name="Web").click()
    expect(entries(page)).to_have_count(2)


def test_a_phone_has_all_filters_behind_one_button(
    open_page: Any, sign_in: Any, story: dict[str, Any]
) -> None:
    page = open_page(viewport={"width": 390, "height": 844}, reduced_motion="reduce")
    sign_in(page, story["max"])
    page.goto("/activity/")
    expect(page.get_by_role("button", name="Anyone")).to_be_hidden()
    page.get_by_role("button", name="Filters").click()
    page.get_by_role("button", name="All kinds").click()
    page.get_by_role("checkbox", name="Contact archived").check()
    page.get_by_role("button", name="Show these kinds").click()
    expect(entries(page)).to_have_count(1)


def test_the_badge_explains_itself_and_leads_on(
    page: Any, sign_in: Any, story: dict[str, Any]
) -> None:
    sign_in(page, story["max"])
    page.goto("/activity/")
    page.get_by_role("button", name=re.compile("Sealed up to")).click()
    card = page.get_by_role("group", name="Sealed, and not yet checked in full")
    expect(card).to_be_visible()
    card.get_by_role("link", name="What this means").click()
    expect(page.get_by_role("heading", name="How the log is verified")).to_be_visible()
    assert not barriers_anywhere(page)


def test_an_entry_leads_to_its_page_its_neighbour_and_its_proof(
    page: Any, sign_in: Any, story: dict[str, Any]
) -> None:
    sign_in(page, make_user(name="Ada"))
    page.goto("/activity/?kind=contact.archived")
    entries(page).get_by_role("link", name=re.compile("^Entry")).click()
    expect(page.get_by_text("Verified just now")).to_be_visible()
    assert not barriers_anywhere(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download proof").click()
    assert download.value.suggested_filename.startswith("annals-proof-")
    page.get_by_role("link", name="Older").click()
    expect(page.get_by_role("heading", name="Fields changed")).to_be_visible()


def test_nothing_keeps_anybody_from_using_the_log(
    page: Any, sign_in: Any, story: dict[str, Any]
) -> None:
    sign_in(page, make_user(name="Ada"))
    page.goto("/activity/?from=2026-05-01&q=a&whom=amara")
    found = barriers_anywhere(page)
    page.goto("/activity/")
    found += barriers(page, "light", 320) + barriers(page, "dark", 900) + barriers_anywhere(page)
    page.set_viewport_size({"width": 1280, "height": 900})
    page.get_by_role("button", name="All kinds").click()
    found += barriers(page, "light", 1280)
    page.keyboard.press("Escape")
    page.get_by_text("As a table").click()
    found += barriers(page, "dark", 1280)
    assert not found
