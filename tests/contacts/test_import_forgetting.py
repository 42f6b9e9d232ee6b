"""What was typed and uploaded goes: with the contact it names, and in time."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from config.celery import app
from contacts.models import BulkRun, Contact, ImportFailure, ImportRun, Tag
from contacts.tasks import forget_old_input
from tests.builders import make_contact, make_user

pytestmark = pytest.mark.django_db


def imported(text: str, name: str = "fair.csv") -> ImportRun:
    """Import a file; its rows without a readable address make no contact."""
    run = ImportRun.receive(ContentFile(text.encode(), name=name), None)
    run.start(run.targets, by_worker=False)
    run.run()
    assert run.state == "finished"
    return run


def kept(run: ImportRun) -> dict[int, list[str]]:
    """Return {line: cells} of the rows that made no contact and still hold something."""
    return {row.line: row.cells for row in run.failures.exclude(cells=[])}


def make_amara(**fields: Any) -> Contact:
    fields = {"emails": ["amara@calder.example"], "phones": ["+442079460142"]} | fields
    return make_contact(given_name="Amara", family_name="Okonkwo", **fields)


@pytest.mark.parametrize(
    "row",
    [
        "X,,AMARA@Calder.example;no",
        "X,020 7946 0142,no",
        "X,+44 (0)20-7946-0142,no",
        "Amara Okonkwo,,no",
        '"Okonkwo, Amara",,no',
    ],
)
def test_a_row_that_failed_is_emptied_with_whom_it_names(row: str) -> None:
    run = imported(f"Name,Phone,Email\n{row}\nBen Mwangi,020 7946 0999,no\n")
    assert set(kept(run)) == {2, 3}
    amara = make_amara()
    amara.delete()
    assert set(kept(run)) == {3}
    emptied = run.failures.get(line=2)
    assert (emptied.value, emptied.cells, emptied.reason) == ("", [], "Erased with the contact")


def test_a_card_that_failed_is_emptied_with_whom_it_names() -> None:
    card = "BEGIN:VCARD\nVERSION:3.0\nFN:{0}\nEMAIL:{1}\nEND:VCARD\n"
    text = card.format("Amara Okonkwo", "no") + card.format("Ben Mwangi", "no")
    run = imported(text, "cards.vcf")
    assert len(kept(run)) == 2
    make_amara().delete()
    [cells] = kept(run).values()
    assert "Ben Mwangi" in cells[0]


def test_rows_are_found_by_what_the_contact_was_called_before() -> None:
    amara = make_amara(emails=["old@calder.example"])
    run = imported("Name,Email,Phone\nX,old@calder.example,1\n")
    assert set(kept(run)) == {2}
    amara.emails = ["new@calder.example"]
    amara.save()
    amara.delete()
    assert kept(run) == {}


@pytest.mark.parametrize(
    "row", ["Amaranth Okonkwo,,no", "Amara Smith,,no", "Okonkwo & Sons,,no", "X,7946 0142,no"]
)
def test_rows_of_others_stay(row: str) -> None:
    run = imported(f"Name,Phone,Email\n{row}\n")
    make_amara().delete()
    assert set(kept(run)) == {2}


def test_names_and_numbers_with_signs_are_only_themselves() -> None:
    run = imported("Name,Email\nBen Mwangi,no\nA.* (B+),no\n")
    make_contact(given_name=".*", family_name=".*", emails=["%@_.example"], phones=["12"]).delete()
    assert set(kept(run)) == {2, 3}


def test_the_receipt_counts_the_rows() -> None:
    from activity.models import ActivityEvent

    imported("Name,Email\nAmara Okonkwo,no\nDr Amara Okonkwo,no\n")
    make_amara().delete()
    receipt = ActivityEvent.objects.get(verb="contact.deleted")
    assert receipt.payload["counts"]["import_rows"] == 2


def aged(run: Any, days: int) -> None:
    type(run).objects.filter(pk=run.pk).update(finished_at=timezone.now() - timedelta(days=days))


def test_rows_go_after_their_days_and_why_they_failed_stays(settings: Any, client: Client) -> None:
    settings.IMPORT_FAILURE_DAYS = 90
    make_contact(given_name="Ben", family_name="Mwangi", emails=["ben@b.example"])
    text = "Name,Email\nX,no\nY,ben@b.example\n"
    old, fresh = imported(text), imported(text + "Z,no\n")
    aged(old, 91)
    aged(fresh, 89)
    forget_old_input.apply(throw=True)
    assert kept(old) == {}
    failed, skipped = old.failures.all()
    assert failed.reason == "The email has no @."
    assert (failed.value, skipped.value, skipped.reason) == ("", "", "Already here")
    assert set(kept(fresh)) == {2, 3, 4}
    assert "Ben Mwangi" in fresh.failures.get(line=3).reason
    client.force_login(make_user(name="Max"))
    assert client.get(reverse("import_run", args=[old.pk])).status_code == 200
    download = client.get(reverse("import_failures", args=[old.pk]))
    assert b"ben@b.example" not in b"".join(download.streaming_content)


def test_they_go_in_batches_until_none_is_left(settings: Any) -> None:
    run = imported("Name,Email\n" + "X,no\n" * 5)
    aged(run, 91)
    assert ImportFailure.objects.forget_old(batch=2) == 5
    assert ImportFailure.objects.forget_old() == 0


def bulk(state: str = "finished") -> BulkRun:
    run = BulkRun.select("archive", Contact.objects.all(), make_user(name="Max"), "q=Okonkwo")
    run.draft({"reason": "Amara left the company"})
    BulkRun.objects.filter(pk=run.pk).update(state=state, finished_at=timezone.now())
    return run


def test_what_a_bulk_action_was_given_goes_after_the_same_days(
    settings: Any, client: Client
) -> None:
    settings.IMPORT_FAILURE_DAYS = 90
    make_amara()
    run = bulk()
    forget_old_input.apply(throw=True)
    run.refresh_from_db()
    assert run.parameters
    aged(run, 91)
    forget_old_input.apply(throw=True)
    run.refresh_from_db()
    assert (run.parameters, run.query) == ({}, "")
    assert run.contact_ids
    client.force_login(run.started_by)
    assert client.get(reverse("bulk_run", args=[run.pk])).status_code == 200
    assert client.get(reverse("bulk_runs")).status_code == 200


def test_old_input_is_forgotten_by_schedule() -> None:
    assert forget_old_input.name in {entry["task"] for entry in app.conf.beat_schedule.values()}


def test_a_tag_goes_with_the_last_contact_that_has_it() -> None:
    Tag.remember(["Friend of Amara", "Press"])
    make_contact(given_name="Ben", tags=["Press"])
    amara = make_amara(tags=["Friend of Amara", "Press"])
    amara.tags = []
    amara.save()
    amara.delete()
    assert [tag.name for tag in Tag.objects.all()] == ["Press"]


@pytest.mark.parametrize("existing", ["skip", "overwrite"])
def test_a_row_that_knows_somebody_by_an_external_id_alone_goes_with_her(existing: str) -> None:
    amara = make_amara(external_ids=["CRM:7"])
    run = ImportRun.receive(ContentFile(b"Company,Key\n,7\n", name="fair.csv"), None)
    targets = ["organisation", "external_ids"]
    run.start(targets, source="CRM", existing=existing, by_worker=False)
    run.run()
    assert "Amara Okonkwo" in run.failures.get().reason
    amara.delete()
    row = run.failures.get()
    assert (row.cells, row.value, row.reason) == ([], "", "Erased with the contact")
