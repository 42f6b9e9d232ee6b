"""Whoever sends a form while signed out finds it filled in after the sign-in."""

from typing import Any

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Page, expect

from accounts.models import User
from contacts.models import Comment, Contact, Invitation
from tests.builders import make_comment, make_user
from tests.config.feedback.failing import PASSWORD, TEXT

pytestmark = pytest.mark.django_db(transaction=True)
LOST = "You were signed out before this was sent."


def sign_in_again(page: Page, email: str = "ada@annals.example") -> None:
    expect(page.get_by_role("heading", name="Sign in to")).to_be_visible()
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def invite(page: Page) -> Any:
    page.get_by_role("link", name="Invite").click()
    return page.get_by_role("dialog")


def test_a_dialog_is_open_again_and_filled_in(page: Page, amara: Contact) -> None:
    dialog = invite(page)
    dialog.get_by_label("To", exact=True).fill("office@calderwren.example")
    dialog.get_by_label("Partner").check()
    dialog.get_by_label("Note, if you like").fill(TEXT)
    Session.objects.all().delete()
    dialog.get_by_role("button", name="Send invitation").click()
    sign_in_again(page)
    expect(page.get_by_role("alert")).to_contain_text(LOST)
    expect(dialog.get_by_label("To", exact=True)).to_have_value("office@calderwren.example")
    expect(dialog.get_by_label("Partner")).to_be_checked()
    expect(dialog.get_by_label("Note, if you like")).to_have_value(TEXT)
    dialog.get_by_role("button", name="Send invitation").click()
    expect(page.locator("#toasts")).to_contain_text("Invitation sent to")
    assert Invitation.objects.get().note == TEXT


def test_a_form_of_its_own_page_is_filled_in_and_overwrites_nothing(
    page: Page, amara: Contact
) -> None:
    page.goto(f"/contacts/{amara.pk}/edit")
    page.get_by_label("City").fill("Hull")
    Session.objects.all().delete()
    amara.city = "Leeds"
    amara.save()
    page.get_by_role("button", name="Save changes").click()
    sign_in_again(page)
    expect(page.get_by_role("alert")).to_contain_text(LOST)
    expect(page.get_by_label("City")).to_have_value("Hull")
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_role("group", name="City")).to_be_visible()
    assert Contact.objects.get().city == "Leeds"


def test_an_edit_of_a_comment_is_open_again(page: Page, amara: Contact) -> None:
    comment = make_comment(amara, User.objects.get(name="Ada"), "As it was")
    page.reload()
    page.get_by_role("article").get_by_role("link", name="Edit").click()
    field = page.locator(f"#edit-{comment.pk}")
    field.fill("As it shall be")
    Session.objects.all().delete()
    page.get_by_role("button", name="Save comment").click()
    sign_in_again(page)
    expect(field).to_have_value("As it shall be")
    page.get_by_role("button", name="Save comment").click()
    expect(page.get_by_role("article")).to_contain_text("As it shall be")
    assert Comment.objects.get().body == "As it shall be"


def test_whoever_else_signs_in_sees_nothing_of_it(page: Page, amara: Contact) -> None:
    max_ = make_user(name="Max", password=PASSWORD)
    invite(page).get_by_label("Note, if you like").fill(TEXT)
    Session.objects.all().delete()
    page.get_by_role("button", name="Send invitation").click()
    sign_in_again(page, max_.email)
    expect(page.get_by_role("heading", name="Amara Okonkwo")).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(invite(page).get_by_label("Note, if you like")).to_have_value("")
