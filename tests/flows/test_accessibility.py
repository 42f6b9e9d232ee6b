"""axe-core finds nothing on any page, light on a wide screen and dark on a narrow one."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from activity.context import acting
from contacts.models import Comment, Contact, ImportRun
from tests.barriers import barriers, barriers_anywhere
from tests.builders import make_contact, make_user

pytestmark = pytest.mark.django_db(transaction=True)

FORMS = [("light", 1280), ("dark", 320)]  # 320 is 1280 at 400 %


@pytest.fixture
def amara(transactional_db: None) -> Contact:
    """Make a contact with everything on its timeline."""
    ada = make_user(name="Ada")
    with acting(actor=ada, channel="web"):
        contact = make_contact(
            given_name="Amara",
            family_name="Okonkwo",
            organisation="Calder & Wren Logistics",
            job_title="Head of Operations",
            emails=["amara.okonkwo@calderwren.example", "ao@example.org"],
            phones=["+442079460142"],
            website="https://calderwren.example",
            street="1 Wharf Road",
            tags=["Depot rollout", "Key account"],
            owner=ada,
            notes="Prefers mornings.",
        )
        for city in ("London", "Leeds", "Hull"):
            contact.city = city
            contact.save()
        contact.job_title, contact.tags, contact.notes = "COO", ["Key account"], "Prefers evenings."
        contact.save()
        for body in ("One **invoice** per depot, see [the list](https://example.org)", "Gone"):
            Comment(contact=contact, author=ada, body=body).save()
        first, second = contact.comments.order_by("id")
        first.edit("One *invoice* per depot:\n\n- London\n- Leeds\n\n> quoted\n\n`code`", 1)
        second.remove(by=ada)
        contact.archive("Paused")
        contact.restore("Budget approved")
    return contact


def test_nobody_is_kept_from_a_page(
    page: Page, sign_in: Callable[[Page, Any], None], amara: Contact
) -> None:
    found: list[str] = []
    archived, deleted = make_contact(given_name="Henrik"), make_contact(given_name="Soledad")
    archived.archive("Left the company")
    deleted.delete(reason="Asked for it")
    run = ImportRun.objects.create(name="fair.csv", state="finished", total=3, done=3, created=3)
    sign_in(page, amara.owner)
    for address in (
        "/",
        "/activity/mail/",
        f"{amara.get_absolute_url()}strip",
        "/contacts/?status=all",
        "/contacts/?q=nobody-is-called-that",
        "/contacts/new",
        amara.get_absolute_url(),
        f"{amara.get_absolute_url()}?q=invoice&group=people",
        f"{amara.get_absolute_url()}?q=zzz",
        f"{amara.get_absolute_url()}edit",
        f"{amara.get_absolute_url()}delete",
        archived.get_absolute_url(),
        deleted.get_absolute_url(),
        f"/comments/{amara.comments.order_by('id')[0].pk}/edit",
        f"/comments/{amara.comments.order_by('id')[0].pk}/versions",
        "/imports/",
        "/imports/new",
        run.get_absolute_url(),
        "/preferences/",
        "/no/such/page",
    ):
        page.goto(address)
        found += barriers_anywhere(page)
    assert not found, "\n".join(found)


@pytest.mark.parametrize(("scheme", "width"), FORMS)
def test_nobody_is_kept_from_what_opens_on_a_page(
    page: Page, sign_in: Callable[[Page, Any], None], amara: Contact, scheme: str, width: int
) -> None:
    found: list[str] = []
    sign_in(page, amara.owner)
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(amara.get_absolute_url())  # which folds its details where it is narrow
    found += barriers(page, scheme, width)
    page.locator("details.fold summary").first.click()
    page.get_by_role("button", name="All kinds").click()
    found += barriers(page, scheme, width)
    page.keyboard.press("Escape")
    page.locator("article.bubble").get_by_role("link", name="edited").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    found += barriers(page, scheme, width)
    page.keyboard.press("Escape")
    page.locator("article.bubble").get_by_role("link", name="Edit", exact=True).click()
    expect(page.get_by_role("button", name="Save comment")).to_be_visible()
    found += barriers(page, scheme, width)
    if width < 864:
        page.get_by_role("button", name="More actions").click()
    page.get_by_role("main").get_by_role("link", name="Delete").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.get_by_label("Type Amara Okonkwo to confirm").fill("Amara Okonkwo")
    found += barriers(page, scheme, width)
    page.keyboard.press("Escape")
    page.get_by_label("Comment, visible to your team only").first.fill("  ")
    page.get_by_role("button", name="Add comment").click()
    expect(page.get_by_text("Write something first.")).to_be_visible()
    found += barriers(page, scheme, width)
    page.get_by_label("Comment, visible to your team only").first.fill("Something")
    page.get_by_role("button", name="Add comment").click()
    expect(page.locator(".toast")).to_be_visible()
    found += barriers(page, scheme, width)
    assert not found, "\n".join(found)


def test_nobody_is_kept_from_signing_in(page: Page, transactional_db: None) -> None:
    found: list[str] = []
    for address in ("/accounts/login/", "/accounts/password/reset/"):
        page.goto(address)
        found += barriers_anywhere(page)
    page.goto("/accounts/login/")
    page.get_by_label("Email").fill("nobody@example.org")
    page.get_by_label("Password", exact=True).fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert").first).to_be_visible()
    found += barriers_anywhere(page)
    assert not found, "\n".join(found)
