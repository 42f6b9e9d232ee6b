"""`manage.py seal_ledger`, as people and programs use it."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from activity.ledger import anchors, keys
from activity.ledger.sealing import seal_pending
from activity.models import ActivityEvent, ActivityOrigin, Checkpoint, Epoch, Pending
from contacts.models import Contact
from tests.activity.happenings import happen
from tests.activity.ledger.backups import go_back
from tests.builders import make_contact


@pytest.fixture
def amara(db: None) -> Contact:
    return make_contact()


def seal(**options: Any) -> tuple[str, str, int]:
    """Run the command; return what it prints to both outputs, and its exit code."""
    out, err, code = StringIO(), StringIO(), 0
    try:
        call_command("seal_ledger", stdout=out, stderr=err, **options)
    except SystemExit as exit:
        code = int(exit.code)
    except CommandError as error:
        err.write(str(error))
        code = error.returncode
    return out.getvalue(), err.getvalue(), code


def test_it_seals_everything_and_prints_the_checkpoint(amara: Contact) -> None:
    happen(amara, times=1_200)
    out, err, code = seal()
    assert code == 0
    assert out.strip() == Checkpoint.objects.order_by("-size").first().note.strip()
    assert "1,000 sealed, 1,000 in all" in err
    assert "1,201 sealed, 1,201 in all" in err
    assert not Pending.objects.exists()


def test_it_says_so_where_nothing_has_happened(db: None) -> None:
    assert seal() == ("Nothing has happened yet.\n", "", 0)


def test_programs_get_json(amara: Contact) -> None:
    out, _err, code = seal(json=True)
    said, head = json.loads(out), Checkpoint.objects.get()
    assert code == 0
    assert said == {
        "ok": True,
        "sealed": 1,
        "findings": [],
        "epoch": 1,
        "size": 1,
        "root": bytes(head.root).hex(),
        "checkpoint": head.note,
    }


def test_a_refusal_names_its_reason_and_exits_with_1(amara: Contact, settings: Any) -> None:
    seal_pending()
    settings.ANNALS_LEDGER_KEY = keys.written(keys.new_seed())
    out, err, code = seal()
    assert (out, code) == ("", 1)
    assert err.startswith("key: expected ")
    out, _err, code = seal(json=True)
    assert code == 1
    assert [finding["kind"] for finding in json.loads(out)["findings"]] == ["key"]


def test_it_exits_with_2_where_it_cannot_run(amara: Contact, settings: Any) -> None:
    settings.ANNALS_LEDGER_KEY = ""
    _out, err, code = seal()
    assert code == 2
    assert "set ANNALS_LEDGER_KEY" in err


def test_a_person_confirms_that_a_backup_was_restored(amara: Contact) -> None:
    seal_pending()
    happen(amara)
    seal_pending()
    go_back(1)
    waiting = happen(amara)
    _out, err, code = seal()
    assert code == 1
    assert "seal_ledger --new-epoch" in err
    _out, err, code = seal(new_epoch=True)
    assert code == 0
    assert "The log goes on as" in err
    assert Epoch.objects.count() == 2
    assert not Pending.objects.filter(event_id__in=waiting).exists()
    restored = ActivityEvent.objects.get(verb="ledger.restored")
    origin = ActivityOrigin.objects.get(pk=restored.origin_id)
    assert (origin.channel, origin.route) == ("command", "seal_ledger")
    assert seal()[2] == 0


def test_there_is_nothing_to_confirm_for_a_log_in_order(amara: Contact) -> None:
    seal_pending()
    _out, err, code = seal(new_epoch=True)
    assert code == 2
    assert "Nothing says that a backup was restored" in err


def test_a_checkpoint_can_be_given_as_a_file(amara: Contact, tmp_path: Path) -> None:
    seal_pending()
    happen(amara)
    seal_pending()
    (tmp_path / "checkpoint.txt").write_text(anchors.latest())
    go_back(1)
    anchors.keep(anchors.LATEST, Checkpoint.objects.get().note)
    assert seal(new_epoch=True, checkpoint=tmp_path / "checkpoint.txt")[2] == 0
    assert Epoch.objects.get(number=2).opening == (tmp_path / "checkpoint.txt").read_text()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"checkpoint": Path("x")}, "--checkpoint belongs to --new-epoch"),
        ({"checkpoint": Path("/nowhere/x"), "new_epoch": True}, "No such file"),
        ({"checkpoint": Path(__file__), "new_epoch": True}, "This is no checkpoint"),
    ],
)
def test_a_wrong_file_is_refused(amara: Contact, options: dict[str, Any], said: str) -> None:
    seal_pending()
    _out, err, code = seal(**options)
    assert code == 2
    assert said in err
