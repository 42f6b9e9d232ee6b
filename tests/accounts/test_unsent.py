"""Without JavaScript, too, nothing is lost of a form that was sent while signed out."""

import re
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client
from django.utils.html import escape

from accounts.models import User
from contacts.models import Comment, Contact
from tests.builders import make_contact, make_user

pytestmark = pytest.mark.django_db
TEXT = "They want <one> invoice per depot.\r\nCall back on the 9th."
PASSWORD = "a riverbed in June"


@pytest.fixture
def mia(client: Client) -> User:
    mia = make_user(name="Mia", password=PASSWORD)
    client.force_login(mia)
    client.get("/contacts/")
    Session.objects.all().delete()
    return mia


@pytest.fixture
def amara() -> Contact:
    return make_contact(given_name="Amara", family_name="Okonkwo", city="Leeds")


def send(client: Client, path: str, page: str, **typed: Any) -> str:
    """Send a form without a session; return where the sign-in leads to."""
    answer = client.post(path, typed, headers={"Referer": f"http://testserver{page}"})
    assert answer.status_code == 302
    return re.search(r"next=(.*)", answer.url)[1]


def sign_in(client: Client, user: User, to: str) -> Any:
    typed = {"login": user.email, "password": PASSWORD}
    return client.post(f"/accounts/login/?next={to}", typed, follow=True)


def sent_fields(page: str) -> dict[str, str]:
    """Return what the form of a page would send, as a browser reads it."""
    hidden = re.findall(r'<input type="hidden" name="(?!csrf)([^"]+)" value="([^"]*)"', page)
    texts = re.findall(r'<textarea[^>]* name="([^"]+)"[^>]*>\n(.*?)</textarea>', page, re.S)
    return dict(hidden + texts)


def test_a_comment_is_there_after_the_sign_in_and_sent_once(
    client: Client, mia: User, amara: Contact
) -> None:
    path, pk = f"/contacts/{amara.pk}/comments/", "0199f3c2-7a5e-7c1d-9b0e-2f4d8a6c1e55"
    to = send(client, path, amara.get_absolute_url(), id=pk, body=TEXT)
    page = sign_in(client, mia, to).content.decode()
    assert "You were signed out before this was sent" in page
    assert f'action="{path}"' in page
    assert f'href="{amara.get_absolute_url()}"' in page
    assert sent_fields(page) == {"id": pk, "body": escape(TEXT)}
    for _press in range(2):
        client.post(path, {"id": pk, "body": TEXT})
    assert Comment.objects.get().author == mia


def test_a_contact_is_shown_filled_in_and_not_saved_yet(
    client: Client, mia: User, amara: Contact
) -> None:
    path = f"{amara.get_absolute_url()}edit"
    typed = {"given_name": "Amara", "city": "Hull", "email": ["a@b.example", "c@d.example"]}
    to = send(client, path, path, version=1, **typed)
    page = sign_in(client, mia, to).content.decode()
    assert '<button class="btn primary lg block" name="more"' in page
    form = client.post(path, {**typed, "version": 1, "more": ""}).content.decode()
    assert 'value="Hull"' in form
    assert 'value="c@d.example"' in form
    assert Contact.objects.get().city == "Leeds"


def test_nobody_else_sees_it_whoever_signs_in(client: Client, mia: User, amara: Contact) -> None:
    to = send(client, f"/contacts/{amara.pk}/archive", "/contacts/", reason=TEXT)
    max_ = make_user(name="Max", password=PASSWORD)
    answer = sign_in(client, max_, to)
    assert answer.status_code == 404
    assert "invoice per depot" not in answer.content.decode()


def test_it_waits_for_an_hour(client: Client, mia: User, amara: Contact, redis_client: Any) -> None:
    send(client, f"/contacts/{amara.pk}/archive", "/contacts/", reason=TEXT)
    [kept] = redis_client.keys("*unsent*")
    assert 3_500 < redis_client.ttl(kept) <= 3_600


@pytest.mark.parametrize(
    "typed",
    [{}, {"reason": ""}, {"reason": "x" * 100_001}, {"password": "secret", "reason": "y"}],
    ids=["no field", "nothing in it", "too much", "a password"],
)
def test_what_is_not_worth_keeping_leads_back_to_the_page(
    client: Client, mia: User, amara: Contact, typed: dict[str, str]
) -> None:
    page = amara.get_absolute_url()
    assert send(client, f"/contacts/{amara.pk}/archive", page, **typed) == page


def test_nothing_is_kept_of_somebody_nobody_knows(client: Client, amara: Contact) -> None:
    page = amara.get_absolute_url()
    client.cookies["whose"] = "7:forged"
    assert send(client, f"/contacts/{amara.pk}/archive", page, reason=TEXT) == page
    assert cache.get("unsent") is None


def test_files_are_said_to_be_missing(client: Client, mia: User, amara: Contact) -> None:
    from django.core.files.base import ContentFile

    file = ContentFile(b"%PDF", name="offer.pdf")
    to = send(client, f"/contacts/{amara.pk}/messages/", "/", body=TEXT, attachments=file)
    assert "Files are not kept." in sign_in(client, mia, to).content.decode()
