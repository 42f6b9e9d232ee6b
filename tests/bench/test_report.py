"""The tables that a run ends with."""

from typing import Any

import pytest

from bench import report, summary
from bench.median import summed
from bench.subjects import reading, saving, trying

NOW = {"at": "2026-11-23T08:00:00+00:00", "load": [0.1, 0.2, 0.3]}


@pytest.fixture
def result() -> dict[str, Any]:
    """Return what a run of one subject found."""
    spent = {"cpu": 0.001, "client": 0.0006, "database": 0.0004, "wall": 0.002}
    twice = {name: 2 * seconds for name, seconds in spent.items()}
    figures = summed({"bare": [spent, spent], "auditlog": [twice, twice]}, "bare")
    figures["auditlog"]["stored"] = {"bytes": 451.2, "entries": 100}
    return {
        "form": "quick",
        "machine": {
            "processor": "Some CPU",
            "cores": 2,
            "memory_gib": 23.5,
            "system": "Linux 6.1",
            "python": "3.11.7",
        },
        "versions": {"postgresql": "18.4", "django-auditlog": "3.4.1"},
        "began": NOW,
        "ended": NOW,
        "subjects": {"saving": figures},
        "failures": [{"contender": "easyaudit", "work": "ground.prepare", "reason": "no table"}],
    }


def test_a_table_names_the_ratio_and_what_it_is_made_of(result: dict[str, Any]) -> None:
    text = report.text(result, {"saving": saving})
    assert "| bare Django | 1.00 | 1.00–1.00 | 1.00 | 0.40 |  |" in text
    assert "| django-auditlog | 2.00 | 2.00–2.00 | 2.00 | 0.80 | 451 |" in text


def test_results_name_machine_versions_and_load(result: dict[str, Any]) -> None:
    text = report.text(result, {"saving": saving})
    assert "Some CPU, 2 cores, 23.5 GiB, Linux 6.1, Python 3.11.7, PostgreSQL 18.4" in text
    assert "at a load of 0.1" in text
    assert "django-auditlog 3.4.1" in text


def test_who_could_not_be_measured_is_named_with_the_reason(result: dict[str, Any]) -> None:
    assert "| easyaudit | ground.prepare | no table |" in report.text(result, {"saving": saving})


def test_a_reason_cannot_break_the_table(result: dict[str, Any]) -> None:
    result["failures"][0]["reason"] = "either | or"
    assert "| either \\| or |" in report.text(result, {"saving": saving})


def test_rows_of_what_was_tried_are_ways_and_its_columns_contenders() -> None:
    outcomes = dict.fromkeys([*trying.WAYS, *trying.FORGERIES], "recorded")
    heads, rows = trying.table({"annals": outcomes, "bare": outcomes, "pghistory": outcomes})
    assert heads == ["what", "django-pghistory", "Annals"]
    assert rows[0] == ["save", "recorded", "recorded"]


def test_pages_are_compared_with_plain_rows_for_each_contact() -> None:
    page = {"cpu": 0.01, "queries": 4, "bytes": 9_000}
    figures = {"50 entries": summed({"bare": [page], reading.COLD: [page]}, "bare")}
    _, rows = reading.table(figures)
    assert rows == [
        ["bare Django, plain rows", "50 entries", "4", "1.00", "10.0", "9"],
        ["Annals, nothing kept", "50 entries", "4", "1.00", "10.0", "9"],
    ]


def test_the_readme_gets_the_short_table_between_its_marks(result: dict[str, Any]) -> None:
    page = {"cpu": 0.01, "queries": 4, "bytes": 9_000}
    result["sizes"] = {"hot": 2_000, "events": 50_000}
    result["subjects"] |= {
        "creating": {},
        "trying": {"auditlog": {"SQL UPDATE": "no trace"}},
        "reading": {"2,000 entries": summed({"bare": [page], "auditlog": [page]}, "bare")},
    }
    before = f"# Annals\n{summary.BEGIN}\nold\n{summary.END}\nThe end.\n"
    after = summary.replaced(before, result, "2026-11-23-quick.md")
    assert "| django-auditlog 3.4.1 | 2.00 | – | no trace | 451 | 1.00 |" in after
    assert "(bench/results/2026-11-23-quick.md)" in after
    assert after.startswith(f"# Annals\n{summary.BEGIN}\n| ")
    assert after.endswith(f"{summary.END}\nThe end.\n")
    assert "old" not in after
    assert summary.replaced(after, result, "2026-11-23-quick.md") == after


def test_the_readme_waits_for_a_run_in_which_annals_did_everything(result: dict[str, Any]) -> None:
    assert summary.is_worth_showing(result)  # one of the libraries may be unable to
    result["failures"].append({"contender": "annals", "work": "pages.gets", "reason": "500"})
    assert not summary.is_worth_showing(result)
