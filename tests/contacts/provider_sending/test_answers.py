"""Mail through a provider: what its API answers decides what becomes of a mail."""

from typing import Any

import pytest

from config.run import free_port
from contacts.mail import deliver
from contacts.models import Delivery
from tests.contacts.outbox import ANA, state
from tests.contacts.provider_sending.postmark import SILENCE, TAKEN, Api, outcome
from tests.contacts.providers import post, postmark

HANG_UP = "hang up"


def test_a_mail_is_sent_with_all_that_belongs_to_it(api: Api, mail: Delivery) -> None:
    assert outcome(mail) == "sent"
    assert mail.remote_id == TAKEN["MessageID"]
    [sent] = api.received
    assert (sent["To"], sent["Subject"]) == (ANA, mail.subject)
    assert sent["TextBody"] == mail.text
    assert sent["HtmlBody"] == mail.html
    assert sent["ReplyTo"] == mail.headers["Reply-To"]
    headers = {each["Name"]: each["Value"] for each in sent["Headers"]}
    assert headers["Message-ID"] == mail.mail_id
    assert headers["List-Unsubscribe"] == mail.headers["List-Unsubscribe"]
    assert sent["Metadata"] == {"delivery": str(mail.pk)}


def test_nothing_is_watched(api: Api, mail: Delivery) -> None:
    deliver(mail.pk)
    assert api.received[0]["TrackOpens"] is False
    assert api.received[0]["TrackLinks"] == "None"


def test_what_the_provider_reports_finds_the_mail_it_took(api: Api, mail: Delivery) -> None:
    deliver(mail.pk)
    report = postmark("bounced", mail, Metadata={}, MessageID=TAKEN["MessageID"])
    assert post("tracking", report).status_code == 200
    assert state(mail) == "bounced"


@pytest.mark.parametrize(
    ("answer", "ends", "says"),
    [
        (
            (422, {"ErrorCode": 406, "Message": "Found inactive addresses: ana@calder.example. "
             "Inactive recipients are ones that have generated a hard bounce."}),
            "failed",
            "The provider refused the address. It says: Found inactive addresses",
        ),
        (
            (422, {"ErrorCode": 300, "Message": "Invalid 'To' address: 'ana@calder.example'."}),
            "failed",
            "The provider refused the address. It says: Invalid 'To' address",
        ),
        (
            (422, {"ErrorCode": 406, "Message": "Said in other words."}),
            "failed",
            "The provider refused the mail. It says: Said in other words.",
        ),
        (
            (422, {"ErrorCode": 300, "Message": "Invalid 'From' address: 'x'."}),
            "failed",
            "The provider refused the mail. It says: Invalid 'From' address: 'x'. (422)",
        ),
        ((413, "Too large"), "failed", "The provider refused the mail. It says: Too large (413)"),
        (
            (401, {"ErrorCode": 10, "Message": "Bad or missing token."}),
            "queued",
            "The provider refuses the settings. It says: Bad or missing token. (401)",
        ),
        ((429, "Slow down"), "queued", "The provider doesn’t take it now. It says: Slow down"),
        ((500, ""), "queued", "The provider doesn’t take it now. It says: – (500)"),
        ((503, {"x": 1}), "queued", "The provider doesn’t take it now. It says: {'x': 1} (503)"),
        ((504, "Timeout"), "uncertain", "Nobody knows whether the provider has the mail."),
        ((200, "<html>"), "uncertain", "Nobody knows whether the provider has the mail."),
        (HANG_UP, "uncertain", "The connection broke before the provider said whether"),
    ],
)  # fmt: skip
def test_what_the_provider_answers_decides(
    api: Api, mail: Delivery, answer: Any, ends: str, says: str
) -> None:
    api.answer = answer
    assert outcome(mail) == ends
    assert mail.error.startswith(says)
    assert len(api.received) == 1


def test_a_provider_that_took_the_mail_and_says_nothing_leaves_it_uncertain(
    api: Api, mail: Delivery, settings: Any
) -> None:
    settings.ANYMAIL_REQUESTS_TIMEOUT = 0.5
    api.answer = SILENCE
    assert outcome(mail) == "uncertain"
    assert len(api.received) == 1


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:{port}/", "http://nowhere.invalid/", "https://127.0.0.1:{port}/", "no url"],
)
def test_a_provider_that_is_not_there_is_tried_again(
    api: Api, mail: Delivery, settings: Any, url: str
) -> None:
    settings.ANYMAIL_POSTMARK_API_URL = url.format(port=free_port())
    assert outcome(mail) == "queued"
    assert mail.error.startswith("The provider can’t be reached: ")
    api.shutdown()


def test_a_connection_without_a_safe_line_is_tried_again(
    api: Api, mail: Delivery, settings: Any
) -> None:
    settings.ANYMAIL_POSTMARK_API_URL = f"https://127.0.0.1:{api.server_port}/"
    assert outcome(mail) == "queued"
    assert not api.received
