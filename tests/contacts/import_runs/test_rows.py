"""Runs of an import: what gets in, and what doesn't."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.utils import timezone

from activity.models import ActivityEvent
from contacts.models import Contact, ImportRun, Tag, importing
from tests.builders import make_contact, make_user
from tests.contacts.import_runs.running import imported_events, people, receive, started

LEGISLATORS = Path(__file__).parents[2] / "data" / "legislators.csv"


def finished(text: str | bytes, **fields: Any) -> ImportRun:
    run = started(text, **fields)
    run.run()
    return run


def failures(run: ImportRun) -> list[tuple[int, str, str]]:
    return list(run.failures.values_list("line", "value", "reason"))


@pytest.mark.django_db
class TestRun:
    def test_all_537_legislators_get_in_with_an_event_each(self) -> None:
        run = finished(LEGISLATORS.read_bytes(), name="legislators.csv")
        assert (run.state, run.created, run.skipped, run.failed) == ("finished", 537, 0, 0)
        assert Contact.objects.count() == imported_events() == 537
        cantwell = Contact.objects.get(family_name="Cantwell")
        assert (cantwell.name, cantwell.phone) == ("Maria Cantwell", "+1 202-224-3441")
        assert cantwell.street == "511 Hart Senate Office Building Washington DC 20510"
        assert cantwell.region == "WA"
        assert cantwell.website == "https://www.cantwell.senate.gov"
        assert cantwell.tags == ["sen", "Democrat"]
        accented = {"Luján", "Sánchez", "Velázquez", "Barragán", "García"}
        assert set(Contact.objects.values_list("family_name", flat=True)) >= accented
        assert Contact.objects.get(given_name="André").family_name == "Carson"
        event = ActivityEvent.objects.get(contact_id=cantwell.pk)
        assert (event.payload["file"], event.payload["line"]) == ("legislators.csv", 2)

    def test_a_bad_row_fails_alone(self) -> None:
        run = finished(
            "Name,Email,Phone\nAnn,a@b.example,\nBob,b@,\nCy,,+44 79 46\nDi,d@b.example,\n"
        )
        assert (run.created, run.skipped, run.failed) == (2, 0, 2)
        assert failures(run) == [
            (3, "b@", "The email has no domain."),
            (4, "+44 79 46", "The phone number is too short."),
        ]
        assert run.failures.first().cells == ["Bob", "b@", ""]

    def test_a_value_too_long_names_its_field(self) -> None:
        run = finished(f"Company,City\n{'x' * 201},\nCo,{'y' * 121}\n")
        assert [reason.partition(":")[0] for *_row, reason in failures(run)] == ["Company", "City"]

    def test_somebody_who_is_here_already_is_skipped_by_name(self) -> None:
        make_contact(given_name="Amara", family_name="Okonkwo", emails=["amara@c.example"])
        run = finished(
            "Name,Email\nA. Okonkwo,AMARA@c.example\nNew,n@c.example;o@c.example\nN2,o@c.example\n"
        )
        assert (run.created, run.skipped, run.failed) == (1, 2, 0)
        assert failures(run) == [
            (2, "amara@c.example", "Already here: Amara Okonkwo"),
            (4, "o@c.example", "About the same as line 3"),
        ]
        assert imported_events() == 1

    def test_a_row_that_only_the_database_refuses_fails_alone(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE contacts_contact ADD CHECK (family_name <> 'Bob')")
        run = finished("Name,City\nAnn,\nBob,\nCy,\n")
        assert (run.created, run.failed) == (2, 1)
        assert failures(run) == [(3, "Bob", "The database refused this row.")]
        assert Contact.objects.count() == imported_events() == 2

    def test_tags_join_the_vocabulary_as_they_were_first_spelled(self) -> None:
        Tag.objects.create(name="VIP")
        finished("Name,Tags\nAnn,vip; New\n")
        assert Contact.objects.get().tags == ["VIP", "New"]
        assert set(Tag.objects.values_list("name", flat=True)) == {"VIP", "New"}

    def test_reasons_are_in_the_language_of_who_started_it(self) -> None:
        max_ = make_user(name="Max", language="de")
        run = started("Name,Email\nAnn,a@\n", by=max_)
        seen = []
        importing.import_finished.connect(
            lambda **_: seen.append(importing.translation.get_language()),
            weak=False,
            dispatch_uid="t",
        )
        try:
            run.run()
        finally:
            importing.import_finished.disconnect(dispatch_uid="t")
        assert seen == ["de"]

    def test_the_end_is_noted_once_in_the_log(self) -> None:
        run = finished("Name,Email\nAnn,a@b.example\nBob,b@\n")
        run.run()
        event = ActivityEvent.objects.get(verb="import.finished")
        assert (event.payload["created"], event.payload["failed"]) == (1, 1)

    def test_starting_twice_starts_once(self) -> None:
        run = started(people(1))
        assert not run.start(run.targets)

    def test_a_stopped_import_keeps_what_is_in_and_adds_no_more(self) -> None:
        run = started(people(3))
        assert run.stop()
        run.run()
        assert (run.state, Contact.objects.count(), run.stop()) == ("stopped", 0, False)

    def test_a_file_that_is_gone_ends_the_import_with_a_sentence(self) -> None:
        run = started(people(1))
        default_storage.delete(run.file.name)
        run.run()
        assert (run.state, run.problem) == (
            "failed",
            "The file is no longer there. Upload it again.",
        )

    def test_a_file_damaged_after_its_upload_ends_the_import_with_a_sentence(self) -> None:
        run = started(people(1))
        Path(run.file.path).write_bytes(b"Name,Email\nAnn\0,a@b.example\n")
        run.run()
        assert run.state == "failed"
        assert "not a text file" in run.problem

    def test_an_import_that_gets_nowhere_is_given_up(self) -> None:
        run = started(people(1))
        ImportRun.objects.update(attempts=importing.MOST_ATTEMPTS)
        run.run()
        assert run.state == "failed"
        assert "5 times" in run.problem

    def test_the_same_form_sent_twice_makes_one_import(self) -> None:
        first = receive(people(1))
        assert receive(people(1), pk=first.pk) == first
        assert receive(people(2), pk=first.pk) != first
        assert ImportRun.objects.count() == 2

    def test_an_earlier_import_of_the_same_file_is_found(self) -> None:
        first = finished("Company,City\nCo,\n")
        assert receive("Company,City\nCo,\n").earlier == first
        assert receive(people(1)).earlier is None

    def test_the_time_left_follows_the_speed_so_far(self) -> None:
        now = timezone.now()
        run = ImportRun(total=100, started_at=now - timedelta(seconds=30), touched_at=now)
        assert (run.seconds_left, run.quarter) == (None, 0)
        run.done = 75
        assert (run.seconds_left, run.quarter, run.left) == (10, 75, 25)
        assert ImportRun().quarter == 0
