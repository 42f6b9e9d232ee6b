"""Beat, which tells when it is time, whatever becomes of the file in which it notes that."""

from pathlib import Path

import pytest

from config.celery import app
from config.schedule import Schedule

NAME = "sweep-deliveries"


def begin(path: Path) -> Schedule:
    return Schedule(app=app, schedule_filename=str(path))


def run_once(schedule: Schedule) -> None:
    schedule.schedule[NAME] = schedule.reserve(schedule.schedule[NAME])


def test_beat_knows_after_its_end_what_it_did(tmp_path: Path) -> None:
    first = begin(tmp_path / "beat")
    run_once(first)
    first.close()
    again = begin(tmp_path / "beat")
    assert again.schedule[NAME].total_run_count == 1
    assert again.schedule[NAME].last_run_at == first.schedule[NAME].last_run_at


def test_beat_begins_and_goes_on_where_it_cannot_note_anything(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    schedule = begin(tmp_path / "no folder" / "beat")
    run_once(schedule)
    schedule.sync()
    assert schedule.schedule[NAME].total_run_count == 1
    assert "goes on" in caplog.text
    (tmp_path / "no folder").mkdir()
    schedule.sync()
    assert begin(tmp_path / "no folder" / "beat").schedule[NAME].total_run_count == 1


def test_beat_begins_anew_where_its_file_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "beat").write_bytes(b"what another version left")
    assert begin(tmp_path / "beat").schedule[NAME].total_run_count == 0
