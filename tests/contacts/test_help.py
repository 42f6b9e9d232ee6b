"""The help: a guide for each key action, true for who reads it, and near where it is done."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from accounts.roles import Role
from contacts.views.help import GUIDES, RIGHTS
from tests.builders import make_contact, make_user
from tests.contacts.portal_people import make_amara, make_portal

PICTURES = settings.BASE_DIR / "static" / "help"
MAX_PICTURE_BYTES = 25_000
SLUGS = [guide.slug for guide in GUIDES]


def opened(client: Client, path: str, role: str = "manager", **fields: object) -> str:
    """Return a page as somebody of that role sees it."""
    client.force_login(make_user(role, name=role.title(), **fields))
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.django_db
def test_the_help_lists_a_guide_for_each_key_action(client: Client) -> None:
    page = opened(client, "/help/")
    for slug in ("archive", "delete", "invite", "message", "share", "comment", "history"):
        assert f'href="/help/{slug}/"' in page
    assert 'href="/keys/"' in page


@pytest.mark.django_db
@pytest.mark.parametrize("slug", SLUGS)
def test_a_guide_tells_what_to_do_in_steps_or_points(client: Client, slug: str) -> None:
    page = opened(client, f"/help/{slug}/", "viewer")
    steps = re.search(r'<ol class="help-steps">(.*?)</ol>', page, re.S)
    assert steps is None or steps[1].count("<li>") == 3
    assert steps or "help-notes" in page or "help-rights" in page


@pytest.mark.django_db
def test_there_is_no_guide_of_another_name(client: Client) -> None:
    client.force_login(make_user(name="Mia"))
    assert client.get("/help/no-such-guide/").status_code == 404


@pytest.mark.django_db
def test_a_guide_says_to_whom_it_is_open_where_it_is_not_open_to_the_reader(client: Client) -> None:
    said = "Your role does not include this. It is open to: Manager, Administrator."
    assert said in opened(client, "/help/delete/", "member")
    assert said not in opened(client, "/help/delete/", "manager")


@pytest.mark.django_db
@pytest.mark.parametrize("role", Role)
def test_the_table_of_roles_tells_what_each_may_do(client: Client, role: Role) -> None:
    reader = make_user(role, name="Reader")
    client.force_login(reader)
    page = client.get("/help/roles/").content.decode()
    rows = re.findall(r'<tr><th scope="row">(.*?)</th>(.*?)</tr>', page, re.S)
    assert len(rows) == len(RIGHTS)
    for (_label, cells), (label, permission) in zip(rows, RIGHTS, strict=True):
        told = "Yes" in cells.split("</td>")[list(Role).index(role)]
        assert told == reader.has_perm(permission), label


@pytest.mark.django_db
def test_the_help_names_the_support_address(client: Client, settings: object) -> None:
    settings.SUPPORT_EMAIL = "help@example.com"
    assert 'href="mailto:help@example.com"' in opened(client, "/help/archive/")


@pytest.mark.django_db
def test_without_a_support_address_the_help_names_the_administrators(client: Client) -> None:
    assert "Ask an administrator of Annals" in opened(client, "/help/")


@pytest.mark.django_db
def test_an_invited_contact_gets_the_help_of_the_portal(client: Client) -> None:
    client.force_login(make_portal(make_amara()))
    answer = client.get("/help/", follow=True)
    page = answer.content.decode()
    assert answer.redirect_chain == [("/portal/help/", 302)]
    assert "Your details" in page
    assert "/help/archive/" not in page
    assert client.get("/help/archive/").status_code == 404


@pytest.mark.django_db
def test_a_picture_follows_the_theme_that_its_reader_chose(client: Client) -> None:
    device = opened(client, "/help/archive/")
    assert re.search(r'<source srcset="[^"]*archive-dark', device)
    assert re.search(r'<img src="[^"]*archive-light', device)
    dark = opened(client, "/help/archive/", "member", theme="dark")
    assert "<source" not in dark
    assert re.search(r'<img src="[^"]*archive-dark', dark)


def test_each_picture_is_there_small_and_used() -> None:
    named = {
        Path(picture).name
        for guide in GUIDES
        if guide.has_picture
        for picture in guide.pictures.values()
    }
    assert {path.name for path in PICTURES.iterdir()} == named
    for path in PICTURES.iterdir():
        assert path.read_bytes()[8:12] == b"WEBP"
        assert path.stat().st_size <= MAX_PICTURE_BYTES


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("where", "slug"),
    [
        ("", "archive"),
        ("", "comment"),
        ("?compose=message", "message"),
        ("delete", "delete"),
        ("invitations/new", "invite"),
        ("shares/", "share"),
        ("history", "history"),
    ],
)
def test_a_guide_is_linked_from_where_the_action_is(client: Client, where: str, slug: str) -> None:
    contact = make_contact(given_name="Amara", emails=["amara@calder.example"])
    page = opened(client, f"{contact.get_absolute_url()}{where}")
    assert re.search(rf'class="help-link" href="/help/{slug}/" target="_blank"', page)
