"""What the log tells of merges, imports and exports: of whom, and how many."""

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse

from accounts.models import User
from contacts.models import Contact, ImportRun
from tests.activity.log.pages import rows
from tests.builders import make_contact, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(client: Client) -> User:
    ada = make_user(name="Ada")
    client.force_login(ada)
    return ada


def imported(text: str) -> ImportRun:
    run = ImportRun.receive(ContentFile(text.encode(), name="fair.csv"), None)
    run.start(run.targets, existing="overwrite", by_worker=False)
    run.run()
    return run


def test_a_merge_says_who_was_merged_into_whom_until_it_is_erased(
    client: Client, ada: User
) -> None:
    amara = make_contact(given_name="Amara", family_name="Okonkwo")
    double = make_contact(given_name="A.", family_name="Okonkwo")
    amara.absorb(double, {}, reason="Two cards")
    into, took_in = rows(client, "kind=contact.merged")
    assert "Into Amara Okonkwo Two cards" in into
    assert "Took in A. Okonkwo Two cards" in took_in
    amara.part(double)
    assert "Parted from A. Okonkwo" in " ".join(rows(client, "kind=contact.unmerged"))
    Contact.objects.get(pk=double.pk).delete()
    assert all("Content erased" in row for row in rows(client, "kind=contact.merged"))


def test_an_import_says_what_became_of_its_rows(client: Client, ada: User) -> None:
    make_contact(given_name="Amara", emails=["amara@c.example"])
    run = imported("Name,Email,City\nAmara,amara@c.example,York\nBen,ben@c.example,\nCy,cy@,\n")
    [row] = rows(client, "kind=import.finished")
    assert "fair.csv: 1 added, 1 updated, 0 skipped, 1 failed" in row
    run.revert(ada, by_worker=False)
    run.run()
    [row] = rows(client, "kind=import.reverted")
    assert "fair.csv: 1 removed, 0 kept" in row


def test_an_export_says_how_many_contacts_left_and_in_which_form(client: Client, ada: User) -> None:
    make_contact(given_name="Amara", tags=["Press"])
    client.post(reverse("contacts_export"), {"format": "csv", "tag": "Press"})
    [row] = rows(client, "kind=contacts.exported")
    assert "CSV, 1 contact tag: Press" in row
