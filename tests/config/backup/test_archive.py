"""The archive: whole or not at all, without keys, and nothing that was changed gets through."""

import io
import json
import stat
import subprocess
import tarfile
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from activity.models import ActivityEvent
from config.backup import keys, programs
from config.backup.archive import Reader
from config.backup.filling import fill
from config.backup.problem import Problem
from contacts.models import CommentFile, Contact
from tests.builders import make_comment, make_contact

pytestmark = pytest.mark.django_db(transaction=True)


def command(*words: Any, fails_with: int = 0) -> str:
    """Run a command of manage.py; return what it said."""
    out = io.StringIO()
    if not fails_with:
        call_command(*map(str, words), stdout=out, stderr=out)
        return out.getvalue()
    with pytest.raises(CommandError) as problem:
        call_command(*map(str, words), stdout=out, stderr=out)
    assert problem.value.returncode == fails_with
    return str(problem.value)


@pytest.fixture
def amara() -> Contact:
    """Return a contact with a comment that has a file."""
    amara = make_contact()
    with transaction.atomic():
        comment = make_comment(amara)
        CommentFile.keep(comment, SimpleUploadedFile("notes.txt", b"What was said"))
    return amara


@pytest.fixture
def archive(amara: Contact, tmp_path: Path) -> Path:
    """Return a backup of that contact."""
    command("backup", tmp_path / "annals.tar")
    return tmp_path / "annals.tar"


def test_a_backup_is_for_its_owner_alone_and_noted_in_the_log(archive: Path) -> None:
    assert stat.S_IMODE(archive.stat().st_mode) == 0o600
    payload = ActivityEvent.objects.get(verb="backup.created").payload
    assert payload["files"] == payload["contacts"] == 1
    assert payload["bytes"] == archive.stat().st_size
    assert payload["sha256"] == Reader(archive).sum
    assert [path.name for path in archive.parent.iterdir()] == ["annals.tar"]


def test_any_tar_opens_it_and_sha256sum_checks_it(archive: Path, tmp_path: Path) -> None:
    opened = tmp_path / "opened"
    with tarfile.open(archive) as tar:
        assert tar.getnames()[0] == "database.dump" and tar.getnames()[-1] == "manifest.json"
        tar.extractall(opened, filter="data")
    done = subprocess.run(["sha256sum", "--check", "SHA256SUMS"], cwd=opened, check=False)
    assert done.returncode == 0
    [file] = [path for path in (opened / "files").rglob("*") if path.is_file()]
    assert file.read_text() == "What was said"


def test_a_file_that_is_there_is_replaced_only_when_told(archive: Path) -> None:
    before = archive.read_bytes()
    assert "--force" in command("backup", archive, fails_with=2)
    assert archive.read_bytes() == before
    command("backup", archive, "--force")
    assert Reader(archive).manifest.counts["events"] > 0


def test_a_backup_that_fails_leaves_neither_file_nor_event(
    amara: Contact, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("config.backup.saving.DUMPING", ("--no-such-option",))
    said = command("backup", tmp_path / "annals.tar", fails_with=2)
    assert "pg_dump failed" in said
    assert not list(tmp_path.iterdir())
    assert not ActivityEvent.objects.filter(verb="backup.created").exists()


def test_a_folder_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    file = tmp_path / "nowhere" / "annals.tar"
    assert f"{file} cannot be written: No such file or directory." in command(
        "backup", file, fails_with=2
    )


def test_a_file_that_went_meanwhile_is_counted_and_does_not_stop_it(
    amara: Contact, tmp_path: Path
) -> None:
    file = CommentFile.objects.get().file
    file.storage.delete(file.name)
    said = command("backup", tmp_path / "annals.tar")
    assert "0 files" in said and "1 files that the database names" in said


def test_keys_are_written_apart_for_their_owner_alone(
    amara: Contact, tmp_path: Path, settings: Any
) -> None:
    file, archive = tmp_path / "keys.json", tmp_path / "annals.tar"
    command("backup", archive, "--keys", file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    held = json.loads(file.read_text())
    assert held["SECRET_KEY"] == settings.SECRET_KEY
    for key in held.values():
        assert key and key.encode() not in archive.read_bytes()
    command("backup", tmp_path / "again.tar", "--keys", file)
    file.write_text(json.dumps(held | {"SECRET_KEY": "another"}))
    said = command("backup", tmp_path / "b.tar", "--keys", file, fails_with=2)
    assert "holds something else" in said
    assert not (tmp_path / "b.tar").exists()


def test_without_a_key_of_the_log_the_backup_is_made_and_says_so(
    amara: Contact, tmp_path: Path, settings: Any
) -> None:
    settings.ANNALS_LEDGER_KEY = ""
    said = command("backup", tmp_path / "a.tar", "--keys", tmp_path / "keys", fails_with=1)
    assert "has no key of the log" in said
    assert (tmp_path / "a.tar").exists()


@pytest.mark.parametrize("where", [0.2, 0.5, 0.9])
def test_a_backup_that_was_changed_is_noticed(archive: Path, where: float) -> None:
    content = bytearray(archive.read_bytes())
    # Not in the empty blocks at the end of a tar file.
    place = int(len(bytes(content).rstrip(b"\0")) * where)
    content[place] ^= 1
    archive.write_bytes(content)
    with pytest.raises(Problem):
        Reader(archive).verify()


def test_a_backup_that_is_not_whole_is_noticed(archive: Path) -> None:
    whole = archive.read_bytes()
    for length in (0, 1, 700, len(whole) // 2, whole.rindex(b"manifest.json")):
        archive.write_bytes(whole[:length])
        with pytest.raises(Problem):
            Reader(archive).verify()


def test_a_member_that_was_taken_out_or_put_in_is_noticed(archive: Path, tmp_path: Path) -> None:
    for name, keep in {"less": "files/", "more": "nothing"}.items():
        other = tmp_path / name
        with tarfile.open(archive) as old, tarfile.open(other, "w") as new:
            if name == "more":
                extra = tarfile.TarInfo("files/x")
                new.addfile(extra, io.BytesIO())
            for each in old:
                if not each.name.startswith(keep):
                    new.addfile(each, old.extractfile(each))
        with pytest.raises(Problem, match="changed or damaged"):
            Reader(other).verify()


def test_a_database_that_is_not_empty_is_left_alone(archive: Path) -> None:
    assert "not empty" in command("restore", archive, fails_with=2)
    assert Contact.objects.count() == 1
    assert "cannot be read" in command("restore", archive.with_name("no.tar"), fails_with=2)


def test_a_backup_of_a_newer_version_is_refused(archive: Path, monkeypatch: Any) -> None:
    unknown = {"contacts": ["9999_tomorrow"]}
    read = Reader(archive)
    read.manifest.migrations |= unknown
    monkeypatch.setattr("config.backup.restoring.Reader", lambda _file: read)
    said = command("restore", archive, fails_with=2)
    assert "newer than this one" in said and "contacts.9999_tomorrow" in said
    read.manifest.migrations, read.manifest.postgresql = {}, 990_000
    assert "PostgreSQL 99" in command("restore", archive, fails_with=2)
    read.manifest.postgresql, read.manifest.file_bytes = 150_000, 1 << 60
    assert "MB free" in command("restore", archive, fails_with=2)


def test_keys_that_the_environment_names_otherwise_are_refused(
    archive: Path, tmp_path: Path, monkeypatch: Any, settings: Any
) -> None:
    file = tmp_path / "keys.json"
    keys.save(file)
    assert keys.put_back(file) == []
    held = json.loads(file.read_text())
    file.write_text(json.dumps(held | {"ANNALS_LEDGER_KEY": "x"}))
    with pytest.raises(Problem, match="The key of the log"):
        keys.put_back(file)
    settings.ANNALS_LEDGER_KEY = ""
    assert "Set ANNALS_LEDGER_KEY" in keys.put_back(file)[0]
    file.write_text(json.dumps(held | {"SECRET_KEY": "x"}))
    monkeypatch.setenv("SECRET_KEY", "mine")
    with pytest.raises(Problem, match="SECRET_KEY is another"):
        keys.put_back(file)
    file.write_text("nothing")
    with pytest.raises(Problem, match="no file of keys"):
        keys.put_back(file)


def test_a_program_that_is_too_old_is_passed_over(monkeypatch: Any, tmp_path: Path) -> None:
    old = tmp_path / "pg_dump"
    old.write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 9.6.1'\n")
    old.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    assert programs.found("pg_dump", 18) != old
    assert programs.found("pg_dump", 9) == old
    with pytest.raises(Problem, match="postgresql-client-99"):
        programs.found("pg_dump", 99)


def test_the_password_goes_by_the_environment_alone(monkeypatch: Any) -> None:
    monkeypatch.setitem(connection.settings_dict, "PASSWORD", "secret")
    monkeypatch.setitem(connection.settings_dict["OPTIONS"], "sslmode", "require")
    found = programs.environment()
    assert found["PGPASSWORD"] == "secret" and found["PGSSLMODE"] == "require"


def test_a_restore_that_fails_leaves_the_database_as_it_was(archive: Path) -> None:
    before = Contact.objects.count()
    refused = pytest.raises(Problem, match=r"left the database as it was: .*already exists")
    with Reader(archive).member("database.dump") as dump, refused:
        fill(dump, 15)
    with pytest.raises(Problem, match="left the database as it was"):
        fill(io.BytesIO(b"no dump"), 15)
    assert Contact.objects.count() == before
