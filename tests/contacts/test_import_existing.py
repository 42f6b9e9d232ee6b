"""What an import does with people who are here already: left, filled or overwritten."""

from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import connection

from activity.models import ActivityEvent
from contacts.models import Contact, ImportRun
from contacts.models.import_match import candidates
from tests.builders import make_contact, make_user

pytestmark = pytest.mark.django_db

AMARA = {
    "given_name": "Amara",
    "family_name": "Okonkwo",
    "emails": ["amara@c.example"],
    "phones": ["+442079460142"],
    "city": "Leeds",
    "tags": ["VIP"],
}


def imported(text: str, existing: str = "skip", source: str = "", **targets: str) -> ImportRun:
    run = ImportRun.receive(ContentFile(text.encode(), name="fair.csv"), None)
    went = [targets.get(c, t) for c, t in zip(run.columns, run.targets, strict=True)]
    run.start(went, source=source, existing=existing, by_worker=False)
    run.run()
    assert run.state == "finished", run.problem
    return run


def counts(run: ImportRun) -> tuple[int, int, int, int]:
    return run.created, run.updated, run.skipped, run.failed


def reasons(run: ImportRun) -> list[str]:
    return list(run.failures.values_list("reason", flat=True))


def test_to_fill_gives_only_what_is_missing_and_adds_to_lists() -> None:
    amara = make_contact(**AMARA)
    run = imported(
        "Name,Email,Company,City,Phone,Tags,Notes\n"
        "Amara Okonkwo,AMARA@c.example,Calder,York,+44 20 7946 0999,vip;new,Met in Bath\n",
        "fill",
    )
    assert counts(run) == (0, 1, 0, 0)
    amara.refresh_from_db()
    assert (amara.organisation, amara.city) == ("Calder", "Leeds")
    assert amara.phones == ["+442079460142", "+442079460999"]
    assert (amara.tags, amara.notes) == (["VIP", "new"], "Met in Bath")


def test_to_fill_never_mixes_two_names_or_two_addresses() -> None:
    amara = make_contact(given_name="Amara", emails=["amara@c.example"], city="Leeds")
    imported("First name,Last name,Email,City,Zip\nBob,Lee,amara@c.example,York,YO1\n", "fill")
    amara.refresh_from_db()
    assert (amara.family_name, amara.postal_code) == ("", "")
    imported("First name,Last name,Email,City,Zip\nAmara,Lee,amara@c.example,LEEDS,LS1\n", "fill")
    amara.refresh_from_db()
    assert (amara.name, amara.city, amara.postal_code) == ("Amara Lee", "Leeds", "LS1")


def test_to_overwrite_takes_the_file_but_blank_cells_erase_nothing() -> None:
    amara = make_contact(**AMARA)
    run = imported(
        "Name,Email,City,Phone,Company\nAmara Obi,amara@c.example,York,+44 20 7946 0999,\n"
        ",amara@c.example,,,\n",
        "overwrite",
    )
    assert counts(run) == (0, 1, 1, 0)
    amara.refresh_from_db()
    assert (amara.name, amara.city) == ("Amara Obi", "York")
    assert amara.phones == ["+442079460999", "+442079460142"]
    assert amara.tags == ["VIP"]


def test_an_update_is_an_ordinary_change_that_names_its_import() -> None:
    amara = make_contact(**AMARA)
    run = imported("Email,City\namara@c.example,York\n", "overwrite")
    event = ActivityEvent.objects.get(verb="contact.updated")
    told = {name: event.payload[name] for name in ("file", "import", "line", "row_version")}
    assert told == {"file": "fair.csv", "import": str(run.pk), "line": 2, "row_version": 2}
    [change] = event.payload["changes"]
    assert (change["old"], change["new"]) == ("Leeds", "York")
    amara.refresh_from_db()
    assert (amara.version, amara.history.count()) == (2, 2)
    finished = ActivityEvent.objects.get(verb="import.finished")
    assert (finished.payload["created"], finished.payload["updated"]) == (0, 1)


def test_what_changes_nothing_is_skipped_and_leaves_no_event() -> None:
    make_contact(**AMARA)
    run = imported("Name,Email,City\nAmara Okonkwo,amara@c.example,Leeds\n", "overwrite")
    assert counts(run) == (0, 0, 1, 0)
    assert reasons(run) == ["Already here, and nothing to change: Amara Okonkwo"]
    assert not ActivityEvent.objects.filter(verb="contact.updated").exists()


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


def test_who_is_archived_stays_as_it_is() -> None:
    amara = make_contact(**AMARA)
    amara.archive()
    run = imported("Email,City\namara@c.example,York\n", "overwrite")
    assert reasons(run) == ["Already here, in the archive: Amara Okonkwo"]
    amara.refresh_from_db()
    assert amara.city == "Leeds"


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


def test_more_than_a_contact_may_have_fails_and_changes_nothing() -> None:
    amara = make_contact(**AMARA | {"tags": [f"t{n}" for n in range(19)]})
    run = imported("Email,Tags\namara@c.example,a;b\n", "fill")
    assert reasons(run) == ["Tags: more than 20."]
    run = imported(f"Email,Notes\namara@c.example,{'x' * 10_001}\n", "fill")
    assert reasons(run) == ["Notes: longer than 10000 characters."]
    amara.refresh_from_db()
    assert len(amara.tags) == 19


def test_the_next_file_opens_with_the_choices_of_the_last_one() -> None:
    text = "Name,Room,Key\nAmara,5,1\n"
    imported(text, "fill", "CRM", Room="notes", Key="external_ids")
    again = ImportRun.receive(ContentFile(text.encode() + b"Ben,6,2\n", name="b.csv"), None)
    assert again.targets == ["full_name", "notes", "external_ids"]
    assert (again.source, again.existing) == ("CRM", "fill")
    # Other columns of the same source: those of the same name go where they went.
    other = ImportRun.receive(
        ContentFile(b"Room,Email\n5,a@b.example\n", name="c.csv"), None, source="crm"
    )
    assert (other.targets, other.existing) == (["notes", "emails"], "fill")
    fresh = ImportRun.receive(ContentFile(b"Room,Email\n5,a@b.example\n", name="d.csv"), None)
    assert (fresh.targets, fresh.existing, fresh.source) == (["", "emails"], "skip", "")
    assert ImportRun.sources() == ["CRM"]


def test_a_dry_run_is_no_memory() -> None:
    run = ImportRun.receive(ContentFile(b"Name,Room\nAmara,5\n", name="a.csv"), None)
    run.start(["organisation", "notes"], dry_run=True, by_worker=False)
    run.run()
    again = ImportRun.receive(ContentFile(b"Name,Room\nAmara,5\n", name="b.csv"), None)
    assert again.targets == ["full_name", ""]


def test_people_are_looked_for_by_index() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    plan = candidates(["a@b.example"], ["CRM:1"]).explain()
    assert "contact_emails" in plan
    assert "contact_external_ids" in plan


def test_the_page_asks_and_shows_what_is_remembered(client: Any) -> None:
    client.force_login(make_user(name="Max"))
    first = ImportRun.receive(ContentFile(b"Name,Key\nAmara,1\n", name="a.csv"), None)
    chosen = {"column_0": "full_name", "column_1": "external_ids", "existing": "fill"}
    refused = client.post(f"/imports/{first.pk}/columns", chosen)
    assert refused.status_code == 422
    page = refused.content.decode()
    assert "Name the source" in page
    assert 'value="fill" checked' in page
    assert (
        client.post(f"/imports/{first.pk}/columns", chosen | {"source": "a:b"}).status_code == 422
    )
    started = client.post(f"/imports/{first.pk}/columns", chosen | {"source": "CRM"})
    assert started.status_code == 302
    second = ImportRun.receive(ContentFile(b"Name,Key\nBen,2\n", name="b.csv"), None)
    page = client.get(f"/imports/{second.pk}/columns").content.decode()
    assert "Everything is chosen as it was for a.csv" in page
    assert '<option value="CRM">' in page
    assert '<option value="external_ids" selected>' in page
    preview = client.get(f"/imports/{second.pk}/preview", {"source": "CRM"})
    assert preview.status_code == 200
