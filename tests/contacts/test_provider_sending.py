"""Mail through a provider: what its API answers decides what becomes of a mail.

A server of our own stands in for Postmark's API (https://postmarkapp.com/developer/api).
"""

import json
import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.core.mail import EmailMessage, send_mail
from django.test import override_settings

from config.run import free_port
from contacts.mail import deliver
from contacts.models import Delivery
from contacts.smtp import NotNow, Refused, Uncertain
from tests.contacts.outbox import ANA, message, state
from tests.contacts.providers import post, postmark, use

TAKEN = {
    "To": ANA,
    "SubmittedAt": "2026-11-17T07:25:01.4178645-05:00",
    "MessageID": "0a129aee-e1cd-480d-b08d-4f48548ff48d",
    "ErrorCode": 0,
    "Message": "OK",
}
SILENCE = "silence"
HANG_UP = "hang up"


class Api(ThreadingHTTPServer):
    """Answers as it is told to; keeps what it was sent."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answering)
        self.answer: tuple[int, Any] | str = (200, TAKEN)
        self.received: list[dict[str, Any]] = []
        self.enough = threading.Event()


class Answering(BaseHTTPRequestHandler):
    server: Api

    def do_POST(self) -> None:
        """Take a mail, or not."""
        length = int(self.headers["Content-Length"])
        self.server.received.append(json.loads(self.rfile.read(length)))
        if self.server.answer == SILENCE:
            self.server.enough.wait(20)
        if isinstance(self.server.answer, str):
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        code, told = self.server.answer
        body = told.encode() if isinstance(told, str) else json.dumps(told).encode()
        self.send_response(code)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        """Print nothing."""


@pytest.fixture
def api(settings: Any) -> Iterator[Api]:
    server = Api()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    use(settings, "postmark")
    settings.ANYMAIL_POSTMARK_API_URL = f"http://127.0.0.1:{server.server_port}/"
    yield server
    server.enough.set()
    server.shutdown()
    server.server_close()


@pytest.fixture
def mail(transactional_db: None) -> Delivery:
    return message(files=())


def outcome(mail: Delivery) -> str:
    deliver(mail.pk)
    return state(mail)


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


def test_settings_that_lack_something_are_named(api: Api, mail: Delivery, settings: Any) -> None:
    del settings.ANYMAIL_POSTMARK_SERVER_TOKEN
    assert outcome(mail) == "queued"
    assert "ANYMAIL_POSTMARK_SERVER_TOKEN" in mail.error


def test_what_a_provider_cannot_send_is_refused_before_it_leaves(api: Api) -> None:
    mail = EmailMessage("Hi", "Hello", "annals@annals.example", [ANA])
    mail.template_id, mail.merge_data = 7, {}
    mail.send_at = "2027-01-01T00:00:00Z"  # which Postmark has not
    with pytest.raises(Refused, match="The provider can’t send this mail: Postmark does not"):
        mail.send()
    assert not api.received


def test_an_address_that_is_none_is_refused_before_it_leaves(api: Api) -> None:
    with pytest.raises(Refused):
        send_mail("Hi", "Hello", "annals@annals.example", ["not an address"])
    assert not api.received


def test_other_mail_leaves_the_same_way(api: Api) -> None:
    assert send_mail("Your password", "Hello", "annals@annals.example", [ANA]) == 1
    assert api.received[0]["Subject"] == "Your password"


@pytest.mark.parametrize("provider", ["postal", "scaleway", "mailjet", "resend"])
def test_a_provider_that_can_do_less_is_asked_for_less(settings: Any, provider: str) -> None:
    """Postal knows no metadata, Scaleway watches nothing: neither is a reason not to send."""
    use(settings, provider)
    port = free_port()
    for name, value in {
        "POSTAL_API_KEY": "key",
        "POSTAL_API_URL": f"http://127.0.0.1:{port}/",
        "SCALEWAY_SECRET_KEY": "key",
        "SCALEWAY_PROJECT_ID": "project",
        "SCALEWAY_API_URL": f"http://127.0.0.1:{port}/",
        "MAILJET_API_KEY": "key",
        "MAILJET_SECRET_KEY": "key",
        "MAILJET_API_URL": f"http://127.0.0.1:{port}/",
        "RESEND_API_KEY": "key",
        "RESEND_API_URL": f"http://127.0.0.1:{port}/",
    }.items():
        setattr(settings, f"ANYMAIL_{name}", value)
    with pytest.raises(NotNow, match="can’t be reached"):
        send_mail("Hi", "Hello", "annals@annals.example", [ANA])


class AmazonError(Exception):
    """As boto3 tells what Amazon SES answered."""

    def __init__(self, code: int) -> None:
        super().__init__(f"An error occurred ({code})")
        self.response = {"Error": {}, "ResponseMetadata": {"HTTPStatusCode": code}}


@pytest.mark.parametrize(
    ("cause", "outcome"),
    [
        (AmazonError(400), Refused),
        (AmazonError(403), NotNow),
        (AmazonError(429), NotNow),
        (AmazonError(503), NotNow),
        (TimeoutError("read"), Uncertain),
    ],
)
def test_what_amazon_answers_decides(
    monkeypatch: pytest.MonkeyPatch, settings: Any, cause: Exception, outcome: type
) -> None:
    from anymail.backends.postmark import EmailBackend
    from anymail.exceptions import AnymailAPIError

    def fail(*args: Any) -> None:
        raise AnymailAPIError(str(cause)) from cause

    use(settings, "postmark")
    monkeypatch.setattr(EmailBackend, "post_to_esp", fail)
    with pytest.raises(outcome):
        send_mail("Hi", "Hello", "annals@annals.example", [ANA])


@override_settings(EMAIL_BACKEND="anymail.backends.test.EmailBackend")
def test_the_letter_is_one_that_every_provider_can_take(mail: Delivery) -> None:
    from contacts.mail import letter

    assert letter(mail).send() == 1


def test_a_slow_provider_is_given_the_time_of_the_settings(
    api: Api, mail: Delivery, settings: Any
) -> None:
    settings.ANYMAIL_REQUESTS_TIMEOUT = 0.3
    api.answer = SILENCE
    start = time.monotonic()
    deliver(mail.pk)
    assert 0.3 <= time.monotonic() - start < 5
