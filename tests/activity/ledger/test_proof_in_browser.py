"""A person takes a proof from the page and hands it to somebody who has nothing of Annals."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from activity.models import LedgerKey
from tests.activity.ledger.backups import tamper
from tests.activity.ledger.sealed import run_alone, sealed_event, unpack
from tests.barriers import barriers_anywhere
from tests.builders import make_user

pytestmark = pytest.mark.django_db(transaction=True)

SignIn = Callable[[Page, Any], None]


def test_vic_hands_over_a_proof_that_holds(page: Page, sign_in: SignIn, tmp_path: Path) -> None:
    event = sealed_event(before=2, after=2)
    sign_in(page, make_user(name="Vic"))
    page.goto(f"/activity/{event.uid}")
    with page.expect_download() as downloading:
        page.get_by_role("link", name="Download proof").click()
    assert downloading.value.suggested_filename == f"annals-proof-{event.uid}.zip"
    folder = unpack(Path(downloading.value.path()).read_bytes(), tmp_path)
    answer = run_alone(folder, "--key", LedgerKey.objects.get().vkey)
    assert answer.returncode == 0, answer.stdout
    assert str(event.uid) in answer.stdout


def test_vic_is_told_why_there_is_no_proof(page: Page, sign_in: SignIn) -> None:
    event = sealed_event()
    tamper("UPDATE activity_event SET verb = 'contact.archived' WHERE id = %(id)s", id=event.pk)
    sign_in(page, make_user(name="Vic"))
    page.goto(f"/activity/{event.uid}/proof")
    expect(page.get_by_role("heading", name="There is no proof of this entry now")).to_be_visible()
    assert not barriers_anywhere(page)
    page.get_by_role("link", name="Back to the entry").click()
    expect(page).to_have_url(f"/activity/{event.uid}")
