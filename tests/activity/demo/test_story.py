"""What the demo shows, and who is in it."""

from collections import Counter

import pytest
from django.core.management import CommandError
from django.db import connection
from django.test import Client

from accounts.models import User
from activity.filters import Filters
from activity.folding import Fold
from activity.models import ActivityEvent
from activity.timeline import read
from contacts.models import Contact, DeletedContact, ImportRun
from tests.activity.demo.seeding import seed
from tests.builders import make_contact

pytestmark = pytest.mark.django_db


def test_the_default_demo_shows_what_annals_can_do(client: Client) -> None:
    seed()
    verbs = Counter(ActivityEvent.objects.values_list("verb", flat=True))
    assert verbs.keys() >= {
        "contact.created", "contact.imported", "contact.updated", "contact.archived",
        "contact.restored", "contact.deleted", "comment.added", "comment.edited",
        "comment.deleted", "import.finished", "privacy.erased",
    }  # fmt: skip
    assert Contact.objects.count() == 43
    archived = ActivityEvent.objects.filter(verb="contact.archived")
    assert all(event.payload["reason"] for event in archived)
    busiest = Counter(ActivityEvent.objects.values_list("contact_id", flat=True)).most_common(1)
    assert busiest[0][1] >= 300
    assert any(
        isinstance(row, Fold)
        for contact in Contact.objects.all()
        for day in read(contact.pk, Filters()).days
        for row in day.rows
    )
    client.force_login(User.objects.get(email="ada@annals.example"))
    gone = DeletedContact.objects.get()
    assert client.get(f"/contacts/{gone.pk}/").status_code == 410
    run = ImportRun.objects.get()
    assert (run.created, run.skipped, run.failed) == (6, 1, 1)
    assert client.get(run.get_absolute_url()).status_code == 200


def test_somebody_who_was_there_twice_is_merged(client: Client) -> None:
    seed()
    client.force_login(User.objects.get(email="ada@annals.example"))
    merged = Contact.objects.get(emails=["i.haugen@fjordline.example"])
    survivor = Contact.objects.get(pk=merged.merged_into)
    assert survivor.emails == ["ingrid.haugen@fjordline.example", *merged.emails]
    assert survivor.phones == merged.phones
    for shown in (survivor.get_absolute_url(), "/activity/?contact=" + str(survivor.pk)):
        page = client.get(shown).content.decode()
        assert "she gives this address at fairs" in page
    assert "Left her card at the booth" in client.get(survivor.get_absolute_url()).content.decode()


def test_who_else_is_there_twice_is_left_to_judge(client: Client) -> None:
    seed()
    client.force_login(User.objects.get(email="ada@annals.example"))
    page = client.get("/contacts/duplicates/").content.decode()
    assert "Katarzyna Wisniewska" in page
    assert "B. Thornbury" in page
    assert "Ingrid" not in page


def test_a_killed_making_is_told_from_a_database_in_use() -> None:
    make_contact()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; DROP INDEX event_by_words")
    with pytest.raises(CommandError, match="begin again with a new database"):
        seed()


@pytest.mark.parametrize("email", ["ada", "max", "mia", "vic"])
def test_each_of_its_people_can_sign_in(client: Client, email: str) -> None:
    seed(contacts=1, events=1)
    assert client.login(email=f"{email}@annals.example", password="annals-demo")


def test_nobody_in_it_does_what_their_role_forbids() -> None:
    seed()
    needed = {
        "contact.deleted": "contacts.delete_contact",
        "contact.imported": "contacts.import_contacts",
        "import.finished": "contacts.import_contacts",
        "message.queued": "contacts.add_message",
        "invitation.sent": "contacts.add_invitation",
        "share.sent": "contacts.add_share",
    }
    people = User.objects.in_bulk()
    for event in ActivityEvent.objects.filter(actor_type="user"):
        right = needed.get(event.verb, "contacts.add_comment")
        assert people[event.actor_id].has_perm(right), event


def test_people_find_in_their_inboxes_where_they_were_mentioned(client: Client) -> None:
    seed()
    client.force_login(User.objects.get(email="ada@annals.example"))
    page = client.get("/inbox/").content.decode()
    assert "<b>Mia Zhao</b> mentioned you on" in page
    assert "Demo went well, @Ada Lindqvist." in page
    amara = Contact.objects.get(emails__contains=["amara.okonkwo@calderwren.example"])
    assert 'aria-pressed="true"' in client.get(amara.get_absolute_url()).content.decode()
