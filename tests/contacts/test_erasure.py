"""What a deletion erases: all that the contact told us, at once and whole, and later the name."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import strip_tags

from accounts.models import User
from config.celery import app
from contacts import mail
from contacts.models import (
    Comment,
    Contact,
    DeletedContact,
    ImportFailure,
    ImportRun,
    Invitation,
    Message,
    Share,
    deleted,
)
from contacts.tasks import forget_deleted_names
from tests.builders import make_comment, make_contact, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def max_(client: Client) -> User:
    max_ = make_user(name="Max")
    client.force_login(max_)
    return max_


@pytest.fixture
def amara() -> Contact:
    return make_contact(
        honorific="Dr", given_name="Amara", family_name="Okonkwo", emails=["amara@calder.example"],
        phones=["+442079460142"], notes="Allergic to lilies", tags=["VIP"],
    )  # fmt: skip


def delete(client: Client, contact: Contact):
    path = reverse("contact_delete", args=[contact.pk])
    return client.post(path, {"confirm": contact.name})


def receipt_of(client: Client, contact: Contact) -> str:
    answer = client.get(contact.get_absolute_url())
    assert answer.status_code == 410
    return " ".join(strip_tags(answer.content.decode()).split())


def texts() -> dict[str, str]:
    """Return {table.column: all it holds} of every column in the database that can hold text."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns"
            " WHERE table_schema = 'public' AND data_type IN"
            " ('text', 'character varying', 'jsonb', 'json', 'ARRAY', 'bytea', 'tsvector')"
        )
        found = {}
        for table, column in cursor.fetchall():
            value = f'"{column}"' if column != "session_data" else "''"
            cursor.execute(f'SELECT string_agg({value}::text, chr(10)) FROM "{table}"')
            found[f"{table}.{column}"] = (cursor.fetchone()[0] or "").lower()
        return found


def test_nothing_of_the_contact_is_left_in_any_table(
    client: Client, max_: User, amara: Contact, settings
) -> None:
    settings.DELETED_NAME_DAYS = 0
    comment = make_comment(amara, max_, "Quixotic remark")
    comment.edit("Quixotic remark, corrected", comment.version)
    amara.job_title, amara.city = "Zymurgist", "Ouagadougou"
    amara.save()
    client.post(reverse("contact_archive", args=[amara.pk]), {"reason": "Xylophone practice"})
    client.force_login(make_user(name="Ada"))
    edit_in_admin(client, amara)
    secrets = ["amara", "okonkwo", "2079460142", "lilies", "quixotic", "zymurg", "ouagad", "xylo"]
    held = texts()
    assert all(any(secret in text for text in held.values()) for secret in secrets)
    delete(client, Contact.objects.get())
    assert not Contact.objects.exists()
    left = {(place, s) for place, text in texts().items() for s in secrets if s in text}
    assert left == set()


def test_nothing_that_was_sent_or_received_is_left_either(
    max_: User, amara: Contact, settings, django_capture_on_commit_callbacks
) -> None:
    settings.DELETED_NAME_DAYS = 0
    plan = SimpleUploadedFile("ziggurat.txt", b"a file of hers", "text/plain")
    message = Message.send(
        amara, author=max_, address=amara.email, body="Quixotic plan", files=[plan]
    )
    Message.receive(amara, body="Zymurgy suits me", via="portal")
    invitation = Invitation.send(amara, inviter=max_, email=amara.email, role="client")
    mail.deliver(invitation.delivery.pk)
    account = User.objects.create_user(amara.email, "secret", name="Amara Okonkwo")
    invitation.accept(account)
    told = Share.draft(
        amara, sender=max_, recipients=["xylo@phone.example"], fields=["name", "notes"]
    )
    told.send()
    secrets = ["amara", "okonkwo", "quixotic", "zymurg", "ziggurat", "xylo@phone", "lilies"]
    held = texts()
    assert all(any(secret in text for text in held.values()) for secret in secrets)
    [attachment] = message.attachments.all()
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        Contact.objects.locked(amara.pk).delete()
    left = {(place, s) for place, text in texts().items() for s in secrets if s in text}
    assert left == set()
    account.refresh_from_db()
    assert not account.is_active
    assert not attachment.file.storage.exists(attachment.file.name)


def edit_in_admin(client: Client, contact: Contact) -> None:
    path = reverse("admin:contacts_contact_change", args=[contact.pk])
    form = client.get(path).context["adminform"].form
    typed = {b.name: b.value() for b in form if b.value() is not None}
    typed |= {name: "\n".join(typed[name]) for name in ("emails", "phones", "tags")}
    assert client.post(path, typed | {"notes": "Still allergic to lilies"}).status_code == 302


@pytest.mark.django_db(transaction=True)
def test_a_deletion_that_fails_half_way_deletes_nothing(
    client: Client, max_: User, amara: Contact
) -> None:
    comment = make_comment(amara)
    before = texts()

    def refuse(**kwargs: object) -> None:
        raise RuntimeError("the disk is full")

    deleted.connect(refuse)
    client.raise_request_exception = False
    try:
        assert delete(client, amara).status_code == 500
    finally:
        deleted.disconnect(refuse)
    assert texts() == before
    assert client.get(amara.get_absolute_url()).status_code == 200
    assert Comment.objects.get() == comment


def test_a_row_that_an_import_skipped_is_emptied_with_the_contact(amara: Contact) -> None:
    run = ImportRun.objects.create(name="people.csv")
    for line, value in ((2, "amara@calder.example"), (3, "ben@calder.example")):
        ImportFailure.objects.create(
            run=run, line=line, value=value, skipped=True, cells=[value],
            reason=f"Already here: {value}",
        )  # fmt: skip
    amara.delete()
    emptied, kept = ImportFailure.objects.all()
    assert (emptied.value, emptied.cells, emptied.reason) == ("", [], "Erased with the contact")
    assert kept.value == "ben@calder.example"


def test_the_name_is_forgotten_when_its_days_are_over(
    client: Client, max_: User, amara: Contact, settings
) -> None:
    settings.DELETED_NAME_DAYS = 30
    delete(client, amara)
    forget_deleted_names.apply(throw=True)
    goes_on = timezone.localdate() + timedelta(days=30)
    told = f"The name is erased too on {date_format(goes_on, 'j F Y')}."
    assert "Dr Amara Okonkwo was deleted" in receipt_of(client, amara)
    assert told in receipt_of(client, amara)
    DeletedContact.objects.update(deleted_at=timezone.now() - timedelta(days=30))
    forget_deleted_names.apply(throw=True)
    assert "This contact was deleted" in receipt_of(client, amara)
    assert "Amara" not in receipt_of(client, amara)
    assert "The name is erased" not in receipt_of(client, amara)
    assert DeletedContact.objects.get().name == ""


def test_the_name_is_not_kept_at_all_where_the_days_are_none(
    client: Client, max_: User, amara: Contact, settings
) -> None:
    settings.DELETED_NAME_DAYS = 0
    page = client.get(reverse("contact_delete", args=[amara.pk])).content.decode()
    assert "The name on the receipt" not in page
    delete(client, amara)
    assert DeletedContact.objects.get().name == ""


def test_names_are_forgotten_by_schedule() -> None:
    tasks = {entry["task"] for entry in app.conf.beat_schedule.values()}
    assert forget_deleted_names.name in tasks
