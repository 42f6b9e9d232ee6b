"""What is answered where no view could."""

import json

import pytest
from django.template.loader import render_to_string
from django.test import Client

from tests.builders import make_user

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def test_nothing_at_an_address_leads_on_to_the_contacts(client: Client) -> None:
    client.force_login(make_user())
    answer = client.get("/nowhere")
    assert answer.status_code == 404
    assert "There’s nothing at this address" in answer.content.decode()
    assert 'href="/contacts/"' in answer.content.decode()


def test_a_stranger_sees_no_menu_at_an_address_with_nothing(client: Client) -> None:
    answer = client.get("/nowhere")
    assert answer.status_code == 404
    assert "There’s nothing at this address" in answer.content.decode()
    assert "Sign out" not in answer.content.decode()


def test_nothing_at_an_address_replaces_nothing_on_a_page(client: Client) -> None:
    client.force_login(make_user())
    answer = client.get("/nowhere", headers=HTMX)
    assert answer.status_code == 404
    assert answer.headers["HX-Reswap"] == "none"
    toast = json.loads(answer.headers["HX-Trigger"])["toast"]
    assert toast["kind"] == "bad"
    assert "no longer here" in toast["text"]


def test_a_refusal_says_with_which_role_one_is_signed_in(client: Client) -> None:
    client.force_login(make_user("viewer", name="Vic"))
    answer = client.get("/contacts/new")
    assert answer.status_code == 403
    assert "Vic, with the role Viewer" in answer.content.decode()


@pytest.mark.parametrize("template", ["500.html", "400.html", "503.html"])
def test_a_crash_needs_no_database_to_be_told(template: str) -> None:
    page = render_to_string(template)
    assert "saved" in page
    assert 'href="/"' in page
    assert "css/app." in page
