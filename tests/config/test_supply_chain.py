"""What Annals runs on: licences that allow it, files as they came, and flaws that are known of."""

import hashlib
import json
from typing import Any

import pytest

from tests import audit, licences

ROOT = audit.ROOT


@pytest.fixture(scope="module")
def rows() -> dict[str, str]:
    """Return the packages in docs/licences.md, with their licences."""
    return licences.rows(licences.FILE.read_text())


def test_the_list_of_licences_is_what_is_locked_and_what_packages_say(rows: dict[str, str]) -> None:
    assert licences.FILE.read_text() == licences.written(), "Run: make licences"
    assert set(licences.locked()) == rows.keys()


def test_every_licence_lets_anybody_run_change_and_pass_on_annals(rows: dict[str, str]) -> None:
    assert {"django", "celery", "psycopg"} <= rows.keys()
    assert {name: text for name, text in rows.items() if not licences.is_approved(text)} == {}
    assert all(row[2] in licences.APPROVED for row in licences.COPIED)


@pytest.mark.parametrize(
    ("expression", "approved"),
    [
        ("MIT", True),
        ("GPL-3.0-only OR MIT", True),
        ("MPL-2.0 AND (Apache-2.0 OR MIT)", True),
        ("MIT AND GPL-3.0-only", False),
        ("AGPL-3.0-only", False),
        ("?", False),
    ],
)
def test_of_licences_that_apply_together_all_are_looked_at(expression: str, approved: bool) -> None:
    assert licences.is_approved(expression) is approved


def test_what_others_made_in_static_is_as_it_came() -> None:
    named = {row[3] for row in licences.COPIED}
    there = {
        str(path.relative_to(ROOT / "static"))
        for folder in ("vendor", "fonts")
        for path in (ROOT / "static" / folder).rglob("*")
        if path.is_file() and "LICENSE" not in path.name
    }
    assert there == named
    for *_about, file, digest in licences.COPIED:
        content = (ROOT / "static" / file).read_bytes()
        assert hashlib.sha256(content).hexdigest() == digest, file


def test_every_locked_package_is_fixed_by_hashes() -> None:
    lock = (ROOT / "uv.lock").read_text()
    assert lock.count("{ url = ") == lock.count('hash = "sha256:') > 100


FLAW = {"id": "PYSEC-2026-1", "fix_versions": ["5.2.20"], "description": "", "aliases": []}
DJANGO = {"name": "django", "version": "5.2.19", "vulns": []}
UNKNOWN = {"name": "segno", "skip_reason": "Dependency not found on PyPI"}


@pytest.mark.parametrize(
    ("found", "status", "said"),
    [
        ([], 0, "were not looked up"),
        ([UNKNOWN], 0, "were not looked up"),
        ([DJANGO], 0, "1 packages were looked up, 0 of them are vulnerable"),
        ([DJANGO, UNKNOWN], 0, "Not looked up: segno."),
        (
            [DJANGO | {"vulns": [FLAW]}, UNKNOWN],
            1,
            "django 5.2.19 has PYSEC-2026-1, mended by 5.2.20.",
        ),
        ([DJANGO | {"vulns": [FLAW | {"fix_versions": []}]}], 1, "mended by no release yet"),
    ],
    ids=["nothing", "unknown", "clean", "some", "vulnerable", "not mended"],
)
def test_the_audit_is_red_for_a_known_flaw_and_never_for_being_offline(
    capsys: Any, found: list[dict[str, Any]], status: int, said: str
) -> None:
    assert audit.told(json.loads(json.dumps(found))) == status
    assert said in capsys.readouterr().out


def test_an_index_that_cannot_be_reached_is_said_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert audit.main() == 0
    assert capsys.readouterr().out == f"{audit.NOT_REACHED}\n"
