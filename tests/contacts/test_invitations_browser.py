"""From the Invite button to the recipient's portal, in Chromium, over a mail that really left."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from accounts import passkeys
from accounts.models import User
from contacts import mail
from contacts.models import Contact, Delivery, Invitation
from tests.accounts.conftest import plug_in  # noqa: F401  a fixture
from tests.barriers import barriers
from tests.builders import make_user
from tests.contacts.invitations import ADDRESS, PASSWORD, make_amara, make_invitation, verbs

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def site(live_server: Any, settings: Any) -> None:
    settings.SITE_URL = live_server.url


@pytest.fixture
def max_(page: Page, sign_in: Callable) -> User:
    max_ = make_user(name="Max")
    sign_in(page, max_)
    return max_


@pytest.fixture
def amara() -> Contact:
    return make_amara()


def link_in_the_mail(smtp: Any) -> str:
    """Let a worker send what waits, and return the link in the last mail that came."""
    for delivery in Delivery.objects.queued():
        mail.deliver(delivery.pk)
    text = smtp.received[-1].get_body(("plain",)).get_content()
    return re.search(r"http\S+/i/\S+", text)[0]


def test_max_invites_amara_who_accepts_with_the_link_in_her_mail(
    page: Page, max_: User, amara: Contact, smtp: Any, open_page: Callable[..., Page]
) -> None:
    page.goto(amara.get_absolute_url())
    page.get_by_role("link", name="Invite", exact=True).click()
    dialog = page.get_by_role("dialog", name="Invite Amara Okonkwo")
    expect(dialog.get_by_label("To", exact=True)).to_have_value(ADDRESS)
    dialog.get_by_label("Note, if you like").fill("All of the second depot is in here.")
    dialog.get_by_role("button", name="Send invitation").click()
    expect(dialog).to_have_count(0)
    expect(page.get_by_text(f"Invitation sent to {ADDRESS}")).to_be_visible()
    row = page.locator(".ev[data-verb='invitation.sent']")
    expect(row).to_contain_text("Invited")

    link = link_in_the_mail(smtp)
    assert smtp.received[-1]["To"] == ADDRESS
    theirs = open_page()
    theirs.goto(link)
    expect(theirs.get_by_role("heading", level=1)).to_have_text(
        "Max invites you to talk with Annals in one place"
    )
    assert Invitation.objects.get().state == "sent"
    with theirs.expect_response("**/opened"):
        theirs.mouse.move(40, 40)
        theirs.mouse.move(60, 60)
    assert Invitation.objects.get().state == "opened"
    theirs.get_by_label("Password").fill("short")
    theirs.get_by_role("button", name="Accept and open").click()
    expect(theirs.get_by_text("It must contain at least 8 characters.")).to_be_visible()
    theirs.get_by_label("Password").fill(PASSWORD)
    theirs.get_by_role("button", name="Accept and open").click()
    expect(theirs).to_have_url(re.compile("/portal/"))
    assert Invitation.objects.get().account.email == ADDRESS

    page.reload()
    expect(page.locator("#portal-access")).to_contain_text("Accepted")
    expect(page.locator(".ev[data-verb='invitation.accepted']")).to_be_visible()


def test_the_row_is_resent_revoked_and_its_link_copied_in_place(
    page: Page, max_: User, amara: Contact, smtp: Any
) -> None:
    make_invitation(amara)
    first = link_in_the_mail(smtp)
    page.goto(amara.get_absolute_url())
    row = page.locator(".ev[data-verb='invitation.sent']")
    row.get_by_role("button", name="Copy link").click()
    dialog = page.get_by_role("dialog", name=f"Link for {ADDRESS}")
    copied = dialog.get_by_label("Hand it over in another way").input_value()
    assert copied.startswith(first.split("/i/")[0])
    dialog.get_by_role("link", name="Close").click()
    row.get_by_role("button", name="Resend").click()
    expect(page.get_by_text(f"Sent again to {ADDRESS}")).to_be_visible()
    expect(page.locator(".ev[data-verb='invitation.resent']")).to_be_visible()
    assert link_in_the_mail(smtp) != first
    page.locator("#portal-access").get_by_role("button", name="Revoke").click()
    expect(row).to_contain_text("Revoked")
    for gone in ("Copy link", "Resend", "Revoke"):
        expect(row.get_by_role("button", name=gone)).to_have_count(0)
    assert page.context.request.get(copied).status == 404


def test_a_row_shows_by_itself_what_became_of_the_mail(
    page: Page, max_: User, amara: Contact, smtp: Any
) -> None:
    make_invitation(amara)
    page.goto(amara.get_absolute_url())
    smtp.behave(recipient="550 No such user here")
    for delivery in Delivery.objects.queued():
        mail.deliver(delivery.pk)
    row = page.locator(".ev[data-verb='invitation.sent']")
    expect(row).to_contain_text("The mail was not sent.")
    expect(row.get_by_role("button", name="Send again")).to_be_visible()


def test_what_is_wrong_with_an_address_is_said_in_the_dialog(
    page: Page, max_: User, amara: Contact
) -> None:
    page.goto(amara.get_absolute_url())
    page.get_by_role("link", name="Invite", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("To", exact=True).fill("amara")
    dialog.get_by_label("Note, if you like").fill("Typed with care")
    page.get_by_role("button", name="Send invitation").click()
    expect(page.get_by_text("“amara” is not an email address.")).to_be_visible()
    expect(dialog.get_by_label("Note, if you like")).to_have_value("Typed with care")
    expect(dialog.get_by_label("To", exact=True)).to_be_focused()


def test_amara_accepts_with_a_passkey(
    page: Page,
    amara: Contact,
    smtp: Any,
    plug_in: Callable[[Page], Any],  # noqa: F811
) -> None:
    plug_in(page)
    make_invitation(amara)
    page.goto(link_in_the_mail(smtp))
    page.get_by_role("button", name="Accept with a passkey").click()
    expect(page).to_have_url(re.compile("/portal/"))
    user = Invitation.objects.get().account
    assert (passkeys.of(user).count(), user.has_usable_password()) == (1, False)


def test_one_click_stops_all_mail(page: Page, amara: Contact, smtp: Any) -> None:
    make_invitation(amara)
    page.goto(link_in_the_mail(smtp))
    page.get_by_role("button", name="Not me, stop contacting me").click()
    expect(page.get_by_role("heading", name="No one will write to you again")).to_be_visible()
    assert "contact.opted_out" in verbs(amara)


def test_the_token_is_in_no_referer(page: Page, amara: Contact, smtp: Any) -> None:
    User.objects.create_user(ADDRESS, PASSWORD, name="Amara")
    make_invitation(amara)
    link = link_in_the_mail(smtp)
    referers = []
    page.on("request", lambda request: referers.append(request.headers.get("referer", "")))
    page.goto(link)
    page.mouse.move(40, 40)
    page.get_by_role("button", name="Sign in to accept").click()
    page.get_by_label("Email").fill(ADDRESS)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("button", name="Accept and open").click()
    expect(page).to_have_url(re.compile("/portal/"))
    token = link.split("/i/")[1].strip("/")
    assert len(referers) > 10
    assert not any(token in referer for referer in referers)


def test_without_scripts_everything_works(
    amara: Contact, sign_in: Callable, smtp: Any, open_page: Callable[..., Page]
) -> None:
    page, theirs = open_page(java_script_enabled=False), open_page(java_script_enabled=False)
    sign_in(page, make_user(name="Max"))
    page.goto(amara.get_absolute_url())
    page.get_by_role("link", name="Invite", exact=True).click()
    page.get_by_role("button", name="Send invitation").click()
    expect(page.locator(".ev[data-verb='invitation.sent']")).to_be_visible()
    theirs.goto(link_in_the_mail(smtp))
    theirs.get_by_label("Password").fill(PASSWORD)
    theirs.get_by_role("button", name="Accept and open").click()
    expect(theirs).to_have_url(re.compile("/portal/"))
    page.reload()
    page.locator("#portal-access").get_by_role("button", name="End access").click()
    expect(page.locator("#portal-access")).to_contain_text("Access ended")


def test_the_pages_are_accessible_and_never_scroll_sideways(
    amara: Contact, sign_in: Callable, open_page: Callable[..., Page]
) -> None:
    from tests.contacts.invitations import mailed_path

    note = f"Everything is in here. {'long' * 40}"
    path = mailed_path(make_invitation(amara, note=note))
    guest, colleague = open_page(), open_page()
    sign_in(colleague, make_user(name="Ben"))
    found: list[str] = []
    for shown, address in [(guest, path), (colleague, path), (guest, "/i/unknown/")]:
        shown.goto(address)
        for width in (1280, 390, 320):
            for scheme in ("light", "dark"):
                found += barriers(shown, scheme, width)
    assert not found, "\n".join(found)


def test_who_is_archived_meanwhile_is_restored_from_the_dialog(
    page: Page, max_: User, amara: Contact
) -> None:
    page.goto(amara.get_absolute_url())
    page.get_by_role("link", name="Invite", exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    amara.archive()
    dialog.get_by_label("Note, if you like").fill("Typed with care")
    dialog.get_by_role("button", name="Send invitation").click()
    expect(dialog).to_contain_text("Amara Okonkwo is archived. Restore this contact first.")
    dialog.get_by_role("button", name="Restore").click()
    expect(dialog).not_to_contain_text("is archived")
    expect(dialog.get_by_label("Note, if you like")).to_have_value("Typed with care")
    dialog.get_by_role("button", name="Send invitation").click()
    expect(dialog).to_have_count(0)
    assert Invitation.objects.get().note == "Typed with care"
