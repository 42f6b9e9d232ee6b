"""Mails, files and pins of a contact: none comes without an event, changes, or goes by itself."""

from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import IntegrityError, connection, transaction
from uuid_utils.compat import uuid7

from activity.models import ActivityEvent
from contacts.models import Comment, Contact, Pin
from contacts.models.comment_file import KEPT_AFTER_DELETION, CommentFile
from tests.builders import make_contact, make_user
from tests.contacts import outbox

pytestmark = pytest.mark.django_db
TABLES = ("attachment", "commentfile", "delivery", "pin")


@pytest.fixture(autouse=True)
def files(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def amara() -> Contact:
    """Return a contact with one of each: a mail with a file, a comment with a file, a pin."""
    contact, mia = make_contact(emails=["amara@mail.example"]), make_user()
    outbox.message(contact, files=[ContentFile(b"content", name="offer.pdf")])
    upload = [ContentFile(b"content", name="notes.txt")]
    Comment.add(contact, author=mia, body="Look at this", pk=uuid7(), files=upload)
    Pin.objects.add(contact, ActivityEvent.objects.get(verb="comment.added").pk, by=mia)
    connection.check_constraints()
    return contact


def run(sql: str, *parameters: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)


def refusal(sql: str, *parameters: Any) -> Any:
    """Run it and what COMMIT would do, and return why the database refused it."""
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        run(sql, *parameters)
        connection.check_constraints()
    return refused.value.__cause__


@pytest.fixture
def later(amara: Contact) -> None:
    """Be in another transaction than the one that made it all, as far as the guards can tell.

    Events are recorded no earlier than their transaction began; an earlier one is none of it.
    """
    run("ALTER TABLE activity_event DISABLE TRIGGER annals_guard")
    run("UPDATE activity_event SET xid = xid - 1")
    run("ALTER TABLE activity_event ENABLE ALWAYS TRIGGER annals_guard")


def columns(table: str, **replaced: str) -> tuple[str, str]:
    """Return all columns of a table, and what a copy of a row has in them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT column_name FROM information_schema.columns"
            " WHERE table_name = %s AND is_identity = 'NO' ORDER BY ordinal_position",
            [table],
        )
        names = [name for (name,) in cursor.fetchall()]
    return ", ".join(names), ", ".join(replaced.get(name, name) for name in names)


@pytest.mark.parametrize("table", TABLES)
def test_none_goes_without_its_contact(table: str, later: None) -> None:
    reason = refusal(f"DELETE FROM contacts_{table}")
    assert reason.sqlstate == "23514"
    assert f"DELETE of contacts_{table}" in str(reason)
    assert "has no event in this transaction" in str(reason)


def test_an_event_of_an_earlier_transaction_of_the_same_number_covers_nothing(
    amara: Contact,
) -> None:
    """Transaction numbers start again after a restore."""
    run("ALTER TABLE activity_event DISABLE TRIGGER annals_guard")
    run("UPDATE activity_event SET recorded_at = recorded_at - interval '1 day'")
    run("ALTER TABLE activity_event ENABLE ALWAYS TRIGGER annals_guard")
    names, values = columns("contacts_delivery", id="gen_random_uuid()", mail_id="'<a@b.example>'")
    copy = f"INSERT INTO contacts_delivery ({names}) SELECT {values} FROM contacts_delivery"
    assert refusal(copy).sqlstate == "23514"


@pytest.mark.parametrize("table", TABLES)
def test_none_comes_without_an_event(table: str, later: None) -> None:
    unique = {"id": "gen_random_uuid()", "mail_id": "'<another@mail.example>'"}
    of_pin = {"place": "place + 1", "event_id": "event_id - 1"}
    names, values = columns(f"contacts_{table}", **unique, **of_pin)
    copy = f"INSERT INTO contacts_{table} ({names}) SELECT {values} FROM contacts_{table}"
    reason = refusal(copy)
    assert reason.sqlstate == "23514"
    assert f"INSERT of contacts_{table}" in str(reason)


@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("attachment", "name = 'another.pdf'"),
        ("attachment", "sha256 = ''"),
        ("attachment", "file = ''"),
        ("commentfile", "size = 1"),
        ("commentfile", "file = ''"),
        ("delivery", "recipient = 'eve@mail.example'"),
        ("delivery", "text = 'Something else'"),
        ("pin", "event_id = event_id - 1"),
    ],
)
def test_none_changes(table: str, change: str, amara: Contact) -> None:
    reason = refusal(f"UPDATE contacts_{table} SET {change}")
    assert reason.sqlstate == "23001"
    assert "is refused" in str(reason)


@pytest.mark.parametrize("table", TABLES)
def test_none_is_emptied(table: str, amara: Contact) -> None:
    assert refusal(f"TRUNCATE contacts_{table} CASCADE").sqlstate == "23001"


def test_another_event_of_the_contact_covers_no_mail_that_goes(later: None, amara: Contact) -> None:
    amara.city = "Graz"
    amara.save()
    assert refusal("DELETE FROM contacts_delivery").sqlstate == "23514"


def test_a_pin_goes_with_its_own_event_alone(later: None, amara: Contact) -> None:
    Pin.objects.add(
        amara, ActivityEvent.objects.get(verb="message.queued").pk, by=make_user(name="Ben")
    )
    connection.check_constraints()
    assert refusal("DELETE FROM contacts_pin").sqlstate == "23514"


def test_how_far_a_mail_got_is_nobodys_business(later: None) -> None:
    run("UPDATE contacts_delivery SET state = 'sent', attempts = 1")
    connection.check_constraints()


def test_content_of_a_comments_file_goes_with_the_comment(later: None, amara: Contact) -> None:
    comment = amara.comments.get()
    comment.remove(by=comment.author)
    comment.deleted_at -= KEPT_AFTER_DELETION
    comment.save(verb="comment.deleted")
    assert CommentFile.objects.discard() == 1
    connection.check_constraints()
    assert refusal("UPDATE contacts_commentfile SET name = 'x', file = ''").sqlstate == "23001"


def test_all_of_it_goes_with_the_contact(later: None, amara: Contact) -> None:
    amara.delete(reason="Asked for it")
    connection.check_constraints()
    for table in TABLES:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT FROM contacts_{table}")
            assert not cursor.rowcount
