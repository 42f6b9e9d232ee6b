"""What browsers report of pages that broke the content security policy."""

import json
import logging
from typing import Any

import pytest
from django.test import Client

from config import csp_report

pytestmark = pytest.mark.django_db
OLDER, NEWER = "application/csp-report", "application/reports+json"
OURS = "http://127.0.0.1:8000"
PAGE = f"{OURS}/contacts/0190a000-0000-7000-8000-000000000000/?q=amara@example.com"


@pytest.fixture(autouse=True)
def a_new_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start with no report logged yet."""
    monkeypatch.setattr(csp_report, "limit", csp_report.Limit(csp_report.MOST_LINES))


@pytest.fixture
def told(caplog: Any) -> Any:
    """Return a function that returns the lines logged so far."""
    caplog.set_level(logging.WARNING, "config.csp_report")
    return lambda: [r.getMessage() for r in caplog.records if r.name == "config.csp_report"]


def report(sent: Any, kind: str = OLDER, client: Client | None = None) -> int:
    """Send a report as a browser does, without cookie or token; return the answer's status."""
    body = sent if isinstance(sent, (str, bytes)) else json.dumps(sent)
    client = client or Client(enforce_csrf_checks=True)
    return client.post("/csp-report", body, content_type=kind).status_code


def violation(**more: Any) -> dict[str, Any]:
    """Return a violation in the older form."""
    return {
        "csp-report": {
            "document-uri": PAGE,
            "violated-directive": "script-src-elem",
            "effective-directive": "script-src-elem",
            "blocked-uri": "https://evil.example/steal?amara@example.com",
            "source-file": f"{OURS}/static/js/live.js?x=1",
            "script-sample": "secret()",
            **more,
        }
    }


def test_a_report_is_one_line_without_anything_personal(told: Any) -> None:
    assert report(violation()) == 204
    assert told() == [
        "A page broke its content security policy: script-src-elem, blocked evil.example, on the"
        " page contact, by /static/js/live.js"
    ]


def test_the_newer_form_is_read_as_well(told: Any) -> None:
    body = {
        "documentURL": f"{OURS}/s/2f9a1c-token/",
        "effectiveDirective": "style-src-attr",
        "blockedURL": "inline",
        "sourceFile": f"{OURS}/s/2f9a1c-token/",
    }
    other = {"type": "deprecation", "body": body}
    assert report([{"type": "csp-violation", "body": body}, other], NEWER) == 204
    [line] = told()
    assert line.endswith("style-src-attr, blocked inline, on the page shared, by ?")


@pytest.mark.parametrize(
    "sent",
    [
        "",
        "{",
        "null",
        "3",
        "[[]]",
        '[{"type": "csp-violation", "body": 3}]',
        '{"csp-report": []}',
        b"\xff\xfe",
        "[" * 5000,
        json.dumps({"csp-report": {"document-uri": "x" * 20_000}}),
    ],
    ids=range(10),
)
def test_what_is_no_report_is_let_go_of(told: Any, sent: Any) -> None:
    for kind in (OLDER, NEWER):
        assert report(sent, kind) == 204
    assert told() == []


def test_other_types_are_let_go_of(told: Any) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded"):
        assert report(violation(), kind) == 204
    assert told() == []


def test_no_line_can_be_forged(told: Any) -> None:
    forged = "x\nERROR all is lost"
    names = ("document-uri", "effective-directive", "blocked-uri", "source-file")
    assert report(violation(**dict.fromkeys(names, forged))) == 204
    odd = {"document-uri": "http://[x/", "blocked-uri": "http://[x/", "source-file": 3}
    assert report(violation(**odd)) == 204
    for line in told():
        assert "\n" not in line
        assert "lost" not in line


def test_whatever_is_sent_fills_no_log(told: Any) -> None:
    client = Client()
    several = [{"type": "csp-violation", "body": {}}] * 40
    for _ in range(20):
        assert report(several, NEWER, client) == 204
    assert len(told()) == csp_report.MOST_LINES


def test_a_report_cannot_be_read_back(client: Client) -> None:
    assert client.get("/csp-report").status_code == 405
