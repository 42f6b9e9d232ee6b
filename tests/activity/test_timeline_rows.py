"""What the rows of a timeline say, and to whom."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from activity.context import acting
from contacts.models import Contact
from tests.activity.happenings import NOON, change, happen
from tests.activity.timeline_pages import html, text
from tests.builders import make_comment, make_contact, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def mia(client: Client) -> User:
    mia = make_user(name="Mia")
    client.force_login(mia)
    return mia


@pytest.fixture
def amara() -> Contact:
    return make_contact()


def test_a_change_reads_from_old_to_new(client: Client, mia: User, amara: Contact) -> None:
    with acting(actor=mia):
        amara.job_title = "Director"
        amara.save()
        amara.job_title = "Chair"
        amara.save()
    page = text(html(client, amara.get_absolute_url()))
    assert "Mia changed Job title from Director to Chair" in page
    assert "Quiet so far" not in page


def test_what_people_wrote_is_shown_as_text(client: Client, mia: User, amara: Contact) -> None:
    amara.archive(reason="<script>alert(1)</script> & more")
    page = html(client, amara.get_absolute_url())
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; more" in page


def test_the_page_shows_the_viewers_day(client: Client, mia: User, amara: Contact) -> None:
    happen(amara, "contact.archived", at=NOON.replace(hour=22, minute=30), actor=mia)
    assert 'id="day-2026-05-06"' in html(client, amara.get_absolute_url())
    User.objects.filter(pk=mia.pk).update(time_zone="Europe/Berlin")
    page = html(client, amara.get_absolute_url())
    assert 'id="day-2026-05-07"' in page
    assert "00:30" in page


def test_an_actor_who_was_renamed_keeps_the_old_name_in_old_rows(
    client: Client, mia: User, amara: Contact
) -> None:
    happen(amara, "contact.archived", actor=mia)
    User.objects.filter(pk=mia.pk).update(name="Maria", is_active=True)
    assert "Mia archived this contact" in text(html(client, amara.get_absolute_url()))


def test_a_row_of_a_comment_follows_its_state_and_the_viewers_rights(
    client: Client, mia: User, amara: Contact
) -> None:
    """Rows are kept once drawn: never for somebody with other rights."""
    with acting(actor=mia):
        comment = make_comment(amara, mia, "Call back")
    edit = reverse("comment_edit", args=[comment.pk])
    delete = reverse("comment_delete", args=[comment.pk])
    for name, sees_edit, sees_delete in (
        ("Vic", False, False), ("Ben", False, False), ("Max", False, True), ("Ada", False, True),
    ):  # fmt: skip
        client.force_login(make_user(name=name))
        page = html(client, amara.get_absolute_url())
        assert "Call back" in page
        assert ((edit in page), (delete in page)) == (sees_edit, sees_delete), name
    client.force_login(mia)
    page = html(client, amara.get_absolute_url())
    assert edit in page
    assert delete in page
    comment.edit("Write back", comment.version)
    assert "Call back" not in html(client, amara.get_absolute_url())


def test_a_list_of_values_shows_what_came_and_went(
    client: Client, mia: User, amara: Contact
) -> None:
    happen(amara, changes=[change("Email", ["a@x.example", "b@x.example"], ["b@x.example", "c@x"])])
    page = text(html(client, amara.get_absolute_url()))
    assert "removed a@x.example added c@x" in page
    assert "b@x.example" not in page


def test_a_list_shows_what_left_what_came_and_a_new_order(client: Client) -> None:
    mia = make_user(name="Mia")
    contact = make_contact(emails=["old@example.org", "kept@example.org"])
    contact.emails = ["kept@example.org", "new@example.org"]
    contact.save()
    contact.emails = ["new@example.org", "kept@example.org"]
    contact.save()
    client.force_login(mia)
    page = client.get(contact.get_absolute_url()).content.decode()
    assert "<del>old@example.org</del>" in page
    assert "<ins>new@example.org</ins>" in page
    assert "<ins>new@example.org, kept@example.org</ins>" in page
    assert "<del>kept@example.org</del>" not in page
