"""The command: the worst first, for people and for programs."""

import io
import json
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from config import doctor
from config.doctor import database, folders


def look(*options: str) -> tuple[int, str]:
    out = io.StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("doctor", *options, stdout=out)
    return ended.value.code, out.getvalue()


@pytest.mark.django_db
def test_the_command_tells_people_and_programs_the_worst_first() -> None:
    code, told = look("--json")
    answer = json.loads(told)
    assert code == 2 and not answer["ok"]
    levels = [finding["level"] for finding in answer["findings"]]
    assert levels == sorted(levels)  # error, warning
    assert {"workers", "durable"} <= {finding["check"] for finding in answer["findings"]}
    assert "Error: No worker was heard of" in look()[1]


def test_where_the_database_is_away_only_that_is_said_of_it(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "answers", lambda: False)
    monkeypatch.setattr(folders, "CHECKS", (lambda: 1 // 0,))
    monkeypatch.setitem(connection.settings_dict, "HOST", "/nowhere")
    found = {finding.check: finding.text for finding in doctor.findings()}
    assert "The database does not answer" in found["reachable"]
    assert "could not look" in found["<lambda>"]
    assert not found.keys() & {"kind", "migrations", "backups"}


def test_nothing_wrong_is_said_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "findings", list)
    assert look() == (0, "Nothing is wrong.\n")
