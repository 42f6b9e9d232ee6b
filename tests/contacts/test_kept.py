"""Parts of the contact page that are drawn once, and what must never come from another drawing."""

import re

import pytest
from django.db import transaction
from django.test import Client
from uuid_utils.compat import uuid7

from contacts.models import Contact
from contacts.templatetags.kept import parts
from tests.builders import make_contact, make_user

pytestmark = pytest.mark.django_db

TOKENS = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')
VARYING = re.compile(r'"[\w-]{36,}"|name="since" value="[\d.]+"')  # keys, and the time


@pytest.fixture
def ana() -> Contact:
    return make_contact(given_name="Ana", owner=make_user(name="Olu"))


def opened(contact: Contact, role: str = "member") -> str:
    client = Client()
    client.force_login(make_user(role, email=f"{uuid7()}@team.example"))
    return client.get(contact.get_absolute_url()).content.decode()


def test_each_page_has_tokens_of_its_own(ana: Contact) -> None:
    first, second = (set(TOKENS.findall(opened(ana))) for _ in range(2))
    assert first and second
    assert not first & second
    assert "\0" not in opened(ana)


def test_the_token_of_a_part_drawn_for_somebody_else_is_accepted(ana: Contact) -> None:
    opened(ana)
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_user("member"))
    page = client.get(ana.get_absolute_url()).content.decode()
    action = f"{ana.get_absolute_url()}archive"
    [form] = [each for each in page.split("<form ") if f'action="{action}' in each]
    token = TOKENS.findall(form)[0]
    answer = client.post(f"{action}", {"csrfmiddlewaretoken": token, "reason": ""}, follow=True)
    assert answer.status_code == 200
    ana.refresh_from_db()
    assert ana.is_archived


def test_who_may_do_less_is_not_shown_what_was_drawn_for_who_may_do_more(ana: Contact) -> None:
    assert "Archive" in opened(ana)
    page = opened(ana, "viewer")
    assert 'id="archive-menu"' not in page
    assert "Edit" not in page.split("facts-list")[0].split("Contact details")[1]


def test_an_owner_is_shown_by_the_name_of_today(ana: Contact) -> None:
    assert "Olu" in opened(ana)
    ana.owner.name = "Olumide"
    ana.owner.save()
    assert "Olumide" in opened(ana)


def test_what_was_drawn_of_a_change_that_was_rolled_back_is_not_shown(ana: Contact) -> None:
    with transaction.atomic():
        changed = Contact.objects.get(pk=ana.pk)
        changed.job_title = "Never said"
        changed.save()
        assert "Never said" in opened(ana)
        transaction.set_rollback(True)
    kept = Contact.objects.get(pk=ana.pk)
    kept.job_title = "Director"
    kept.save()
    page = opened(ana)
    assert kept.version == changed.version
    assert "Director" in page
    assert "Never said" not in page


def test_a_page_is_the_same_whether_its_parts_were_kept(client: Client, ana: Contact) -> None:
    client.force_login(make_user("manager"))
    parts.clear()
    pages = [client.get(ana.get_absolute_url()).content.decode() for _ in range(2)]
    drawn, kept = (VARYING.sub("", TOKENS.sub("", page)) for page in pages)
    assert drawn == kept
