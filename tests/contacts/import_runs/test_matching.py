"""Whom a row of an import means: by number, by address, and never by a guess."""

from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import connection

from contacts.models import Contact, ImportRun
from contacts.models.import_match import candidates
from tests.builders import make_contact
from tests.contacts.import_runs.known import AMARA, counts, imported, reasons

pytestmark = pytest.mark.django_db


def test_an_external_id_tells_who_it_is_before_any_email() -> None:
    amara = make_contact(**AMARA, external_ids=["Salesforce:003A"])
    text = "Name,Email,Key\nAmara Okonkwo,new@c.example,003A\n"
    run = imported(text, "fill", "Salesforce", Key="external_ids")
    assert counts(run) == (0, 1, 0, 0)
    amara.refresh_from_db()
    assert amara.emails == ["amara@c.example", "new@c.example"]
    # The same id of another source is somebody else.
    run = imported("Name,Key\nBen,003A\n", "fill", "HubSpot", Key="external_ids")
    assert counts(run) == (1, 0, 0, 0)
    assert Contact.objects.get(given_name="", family_name="Ben").external_ids == ["HubSpot:003A"]


def test_who_came_without_an_id_gets_it_and_is_known_by_it_from_then_on() -> None:
    amara = make_contact(**AMARA)
    text = "Name,Email,Key\nAmara Okonkwo,amara@c.example,7\n"
    imported(text, "fill", "CRM", Key="external_ids")
    amara.refresh_from_db()
    assert amara.external_ids == ["CRM:7"]
    run = imported("Key,City\n7,York\n", "overwrite", "CRM", Key="external_ids")
    assert counts(run) == (0, 1, 0, 0)
    assert Contact.objects.get(pk=amara.pk).city == "York"
    [found] = Contact.objects.search("7")
    assert found == amara


def test_a_row_with_nothing_but_an_unknown_id_fails() -> None:
    run = imported("Key,City\n9,York\n", "fill", "CRM", Key="external_ids")
    assert reasons(run) == ["Needs a name, a company, an email or a phone number."]


def test_nobody_is_guessed_where_a_row_means_two() -> None:
    make_contact(**AMARA)
    make_contact(given_name="Ben", emails=["ben@c.example"])
    text = "Name,Email\nX,amara@c.example;ben@c.example\n"
    assert reasons(imported(text)) == ["Already here: Amara Okonkwo"]
    run = imported(text, "overwrite")
    assert counts(run) == (0, 0, 0, 1)
    assert "both meant" in reasons(run)[0]
    assert Contact.objects.filter(city="Leeds", given_name="Amara").exists()


def test_an_id_of_one_and_an_email_of_another_are_no_match() -> None:
    make_contact(**AMARA, external_ids=["CRM:1"])
    make_contact(given_name="Ben", emails=["ben@c.example"])
    text = "Name,Email,Key\nAmara,ben@c.example,1\n"
    run = imported(text, "fill", "CRM", Key="external_ids")
    assert "Amara Okonkwo and Ben are both meant" in reasons(run)[0]


def test_who_was_merged_into_another_is_that_other() -> None:
    amara, twin = make_contact(**AMARA), make_contact(given_name="A.", emails=["a@old.example"])
    amara.absorb(twin, {})
    run = imported("Email,City\na@old.example,York\n", "overwrite")
    assert counts(run) == (0, 1, 0, 0)
    amara.refresh_from_db()
    twin.refresh_from_db()
    assert (amara.city, twin.city) == ("York", "")


@pytest.mark.parametrize("batch", [500, 1])
@pytest.mark.parametrize("dry_run", [False, True])
def test_whoever_comes_twice_in_a_file_counts_once(
    monkeypatch: Any, batch: int, dry_run: bool
) -> None:
    monkeypatch.setattr("contacts.models.importing.BATCH", batch)
    make_contact(**AMARA)
    text = (
        "Name,Email,City\nAmara Okonkwo,amara@c.example,York\nNew,n@c.example;o@c.example,\n"
        "Other,amara@c.example,Bath\nO,o@c.example,Bath\nBad,b@,\n"
    )
    run = ImportRun.receive(ContentFile(text.encode(), name="fair.csv"), None)
    run.start(run.targets, existing="overwrite", dry_run=dry_run, by_worker=False)
    run.run()
    assert counts(run) == (1, 1, 2, 1)
    said = reasons(run)
    assert said[:2] == ["About the same as line 2", "About the same as line 3"]


def test_people_are_looked_for_by_index() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    plan = candidates(["a@b.example"], ["CRM:1"]).explain()
    assert "contact_emails" in plan
    assert "contact_external_ids" in plan
