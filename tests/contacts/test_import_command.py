"""`manage.py import_contacts`: the same import, from the command line."""

import io
import json
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command

from contacts.models import Contact, ImportRun

FAIR = "Name,E-mail,Room\nAnn,a@b.example,5\nBob,b@,6\nCy,a@b.example,7\n"


@pytest.fixture
def fair(tmp_path: Path) -> Path:
    path = tmp_path / "fair.csv"
    path.write_text(FAIR)
    return path


def run(*arguments: object) -> str:
    out = io.StringIO()
    call_command("import_contacts", *map(str, arguments), stdout=out)
    return out.getvalue()


@pytest.mark.django_db(transaction=True)
def test_it_prints_what_became_of_each_row(fair: Path) -> None:
    assert run(fair).splitlines() == [
        "line 3: failed: The email has no domain. (b@)",
        "line 4: skipped: About the same as line 2 (a@b.example)",
        "created 1, updated 0, skipped 1, failed 1",
    ]
    assert Contact.objects.get().name == "Ann"


@pytest.mark.django_db(transaction=True)
def test_a_dry_run_tells_the_same_and_keeps_nothing(fair: Path) -> None:
    before = default_storage.listdir("imports") if default_storage.exists("imports") else ([], [])
    said = run(fair, "--dry-run")
    assert not Contact.objects.exists()
    assert not ImportRun.objects.exists()
    assert default_storage.listdir("imports") == before
    assert said == run(fair)


@pytest.mark.django_db
def test_a_mapping_overrules_what_was_recognised(fair: Path, tmp_path: Path) -> None:
    mapping = tmp_path / "mapping.json"
    mapping.write_text('{"Room": "notes", "Name": "organisation"}')
    run(fair, "--mapping", mapping)
    contact = Contact.objects.get()
    assert (contact.organisation, contact.notes) == ("Ann", "Room: 5")


@pytest.mark.parametrize(
    ("mapping", "reason"),
    [
        ('{"Nope": "notes"}', "no column “Nope”"),
        ('{"Room": "nope"}', "“nope” is none of"),
        ("[]", "expected an object"),
        ("{", "mapping.json"),
    ],
)
@pytest.mark.django_db(transaction=True)
def test_a_mapping_that_makes_no_sense_is_refused(
    fair: Path, tmp_path: Path, mapping: str, reason: str
) -> None:
    (tmp_path / "mapping.json").write_text(mapping)
    with pytest.raises(CommandError, match=reason):
        run(fair, "--mapping", tmp_path / "mapping.json")
    assert not ImportRun.objects.exists()


@pytest.mark.django_db
def test_a_file_that_cannot_be_read_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(
        CommandError, match=r"nowhere\.csv cannot be read: No such file or directory\.$"
    ):
        run(tmp_path / "nowhere.csv")
    (tmp_path / "empty.csv").touch()
    with pytest.raises(CommandError, match="This file is empty"):
        run(tmp_path / "empty.csv")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("source", "reason"),
    [("x" * 61, "at most 60 characters"), ("a:b", "Leave out the colon"), ("a\0", "Null")],
    ids=["long", "colon", "NUL"],
)
def test_a_source_that_cannot_be_kept_is_refused_in_words(
    fair: Path, source: str, reason: str
) -> None:
    with pytest.raises(CommandError, match=rf"--source: .*{reason}"):
        run(fair, "--source", source)
    assert not ImportRun.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("target", ["nothing", 5, ["emails"]], ids=str)
def test_a_target_that_is_none_is_refused_in_words(
    fair: Path, tmp_path: Path, target: object
) -> None:
    mapping = tmp_path / "mapping.json"
    mapping.write_text(json.dumps({"Name": target}))
    with pytest.raises(CommandError, match="is none of honorific, given_name"):
        run(fair, "--mapping", mapping)
    assert not ImportRun.objects.exists()
