"""Deleting a contact some time after the sign-in, as it is done on the page."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from accounts.sessions import Session, SessionStore
from accounts.sudo import CONFIRMED_AT
from contacts.models import Contact
from tests.builders import make_contact, make_user

pytestmark = pytest.mark.django_db(transaction=True)
PASSWORD = "a riverbed in June"


def test_max_confirms_that_it_is_him_and_deletes_what_he_meant_to(
    page: Page, sign_in: Callable[[Page, Any], None]
) -> None:
    sign_in(page, make_user(name="Max", password=PASSWORD))
    amara = make_contact()
    stored = SessionStore(Session.objects.get().pk)
    stored[CONFIRMED_AT] -= 3600
    stored.save()
    page.goto(f"/contacts/{amara.pk}/delete")
    page.get_by_label("Reason, for the receipt").fill("She asked us to")
    page.get_by_label("Type Amara Okonkwo to confirm").fill("Amara Okonkwo")
    expect(page.get_by_role("dialog")).to_contain_text("You will be asked to confirm")
    page.get_by_role("button", name="Delete for good").click()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_label("Reason")).to_have_value("She asked us to")
    page.get_by_role("button", name="Delete for good").click()
    expect(page.get_by_text("She asked us to", exact=True)).to_be_visible()
    assert not Contact.objects.exists()
