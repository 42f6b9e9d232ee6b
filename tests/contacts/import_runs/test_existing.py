"""What an import does with people who are here already: left, filled or overwritten."""

import pytest

from activity.models import ActivityEvent
from tests.builders import make_contact
from tests.contacts.import_runs.known import AMARA, counts, imported, reasons

pytestmark = pytest.mark.django_db


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


def test_who_is_archived_stays_as_it_is() -> None:
    amara = make_contact(**AMARA)
    amara.archive()
    run = imported("Email,City\namara@c.example,York\n", "overwrite")
    assert reasons(run) == ["Already here, in the archive: Amara Okonkwo"]
    amara.refresh_from_db()
    assert amara.city == "Leeds"


def test_more_than_a_contact_may_have_fails_and_changes_nothing() -> None:
    amara = make_contact(**AMARA | {"tags": [f"t{n}" for n in range(19)]})
    run = imported("Email,Tags\namara@c.example,a;b\n", "fill")
    assert reasons(run) == ["Tags: more than 20."]
    run = imported(f"Email,Notes\namara@c.example,{'x' * 10_001}\n", "fill")
    assert reasons(run) == ["Notes: longer than 10000 characters."]
    amara.refresh_from_db()
    assert len(amara.tags) == 19
