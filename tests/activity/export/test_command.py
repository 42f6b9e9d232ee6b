"""`manage.py export_activity`: the log on standard output."""

import csv
import hashlib
import io
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import orjson
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection

from activity.ledger.sealing import seal_pending
from activity.models import ActivityEvent, ActivityOrigin, Checkpoint
from tests.activity.happenings import happen
from tests.builders import make_contact, make_user


class Output(io.TextIOWrapper):
    """Takes in what a command writes, as text and as bytes."""

    def __init__(self) -> None:
        super().__init__(io.BytesIO(), encoding="utf-8", write_through=True)

    def bytes(self) -> bytes:
        """Return what was written."""
        return self.buffer.getvalue()


def run(*arguments: object) -> tuple[bytes, str]:
    out, err = Output(), Output()
    call_command("export_activity", *map(str, arguments), stdout=out, stderr=err)
    return out.bytes(), err.bytes().decode()


def numbers(*arguments: object) -> list[int]:
    *events, last = map(orjson.loads, run(*arguments)[0].splitlines())
    assert last["events"] == len(events)
    return [event["number"] for event in events]


@pytest.mark.django_db
class TestCommand:
    def test_it_writes_everything_oldest_first_and_ends_with_the_checkpoint(self) -> None:
        happen(make_contact(), times=3)
        seal_pending()
        wanted = list(ActivityEvent.objects.order_by("id").values_list("id", flat=True))
        written, said = run()
        lines = [orjson.loads(line) for line in written.splitlines()]
        assert [line["number"] for line in lines[:-1]] == wanted
        note = Checkpoint.objects.get().note
        assert lines[-1] == {"checkpoint": note, "events": len(wanted)}
        assert note in said
        assert f"{len(wanted)} events. SHA-256 {hashlib.sha256(written).hexdigest()}" in said

    def test_it_is_an_event_itself_with_the_fingerprint_of_the_file(self) -> None:
        contact = make_contact()
        happen(contact, reason="secret")
        written, _said = run("--format", "csv", "--contact", contact.pk, "--from", "2026-05-01")
        event = ActivityEvent.objects.get(verb="export.created")
        assert event.payload == {
            "actor": None,
            "format": "csv",
            "events": len(written.splitlines()) - 1,
            "filters": f"contact {contact.pk}; from 2026-05-01",
            "sha256": hashlib.sha256(written).hexdigest(),
            "complete": True,
        }
        origin = ActivityOrigin.objects.get(pk=event.origin_id)
        assert (origin.channel, origin.route) == ("command", "export_activity")

    def test_it_can_be_narrowed_down(self) -> None:
        amara, ben = make_contact(), make_contact(given_name="Ben", family_name="Reed")
        [first] = happen(amara)
        [second] = happen(ben, "contact.archived")
        of_amara = ActivityEvent.objects.filter(contact_id=amara.pk)
        assert sorted(numbers("--contact", amara.pk)) == sorted(e.pk for e in of_amara)
        assert numbers("--verb", "contact.archived") == [second]
        both = numbers("--verb", "contact.archived", "--verb", "contact.updated")
        assert both == [first, second]
        assert numbers("--from", "2026-05-06", "--to", "2026-05-06") == [first, second]
        assert numbers("--to", "2026-05-05") == []

    def test_it_holds_what_only_administrators_see_and_origins_if_asked(self, client: Any) -> None:
        client.force_login(make_user(name="Mia"))
        signed_in = "user.signed_in"
        origins = run("--verb", signed_in, "--origins")[0]
        assert b'"client":{"address"' in origins or b'"client":null' in origins
        assert b'"client"' not in run("--verb", signed_in)[0]
        assert len(numbers("--verb", signed_in)) == 1

    def test_csv_has_headings_and_nothing_but_events(self) -> None:
        happen(make_contact(), times=2)
        count = ActivityEvent.objects.count()
        rows = list(csv.DictReader(io.StringIO(run("--format", "csv")[0].decode("utf-8-sig"))))
        assert len(rows) == count
        assert all(row["Verb"] for row in rows)

    @pytest.mark.parametrize(
        ("arguments", "problem"),
        [
            (["--verb", "contact.imagined"], "no kind of event called contact.imagined"),
            (["--from", "yesterday"], "yesterday is no day such as 2026-05-31"),
            (["--from", "2026-05-31", "--to", "2026-05-30"], "--from is after --to"),
            (["--contact", "Amara"], "invalid UUID value"),
            (["--format", "xml"], "invalid choice"),
        ],
    )
    def test_it_says_what_is_wrong_with_its_arguments(
        self, arguments: list[str], problem: str
    ) -> None:
        with pytest.raises(CommandError, match=problem):
            run(*arguments)


@pytest.mark.django_db(transaction=True)
def test_a_reader_that_has_enough_ends_it_quietly() -> None:
    happen(make_contact(), times=3_000)
    program = f"""
import sys
sys.path.insert(0, {str(Path.cwd())!r})
from django.conf import settings
settings.DATABASES["default"]["NAME"] = {connection.settings_dict["NAME"]!r}
import django
django.setup()
from django.core.management import call_command
call_command("export_activity")
"""
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": settings.SETTINGS_MODULE}
    with subprocess.Popen(
        [sys.executable, "-c", program],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
    ) as process:
        assert process.stdout.readline().startswith(b'{"number":')
        process.stdout.close()
        said = process.stderr.read().decode()
    assert process.returncode == 141
    assert "Traceback" not in said
    assert "broken off" in said
    assert ActivityEvent.objects.filter(verb="export.created").count() == 1
