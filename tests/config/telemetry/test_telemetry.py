"""Error reports and traces leave where a deployment asks for them, and hold nothing personal."""

import gzip
import itertools
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection

from tests.config.telemetry.asking import SECRETS

pytestmark = pytest.mark.django_db(transaction=True)
# All that may be in a report or a trace: whatever else there is may be personal elsewhere.
OF_REPORTS = {
    *("event_id", "timestamp", "level", "platform", "release", "environment", "logger", "sdk"),
    *("transaction", "tags", "exception"),
}
OF_FRAMES = {"filename", "function", "module", "lineno", "in_app"}
OF_SPANS = {
    *("celery.action", "celery.state", "celery.task_name"),
    *("db.operation", "db.redis.args_length", "db.statement", "db.system"),
    *("http.method", "http.route", "http.scheme", "http.status_code", "request_id"),
    *("messaging.destination", "messaging.message.id"),
}


class Receiver(ThreadingHTTPServer):
    """Takes in whatever is posted to it."""

    def __init__(self) -> None:
        self.received: list[tuple[str, bytes]] = []
        super().__init__(("127.0.0.1", 0), Handler)

    def at(self, path: str) -> list[bytes]:
        """Return what was posted to addresses that end so."""
        return [body for address, body in self.received if address.endswith(path)]


class Handler(BaseHTTPRequestHandler):
    """Keeps a request's body, uncompressed, and says that all is well."""

    server: Receiver

    def do_POST(self) -> None:
        """Take in a body."""
        if "chunked" in self.headers.get("Transfer-Encoding", ""):
            body = b""
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
        else:
            body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        self.server.received.append((self.path, body))
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    threading.Thread(target=receiver.serve_forever, daemon=True).start()
    yield receiver
    receiver.shutdown()
    receiver.server_close()


def ask(**more: str) -> tuple[str, str]:
    """Run tests/config/telemetry/asking.py on our database; return status and request id."""
    server = connection.settings_dict
    host, name = quote(server["HOST"], safe=""), server["NAME"]
    user = f"{server['USER']}:{quote(server['PASSWORD'])}".rstrip(":")
    environment = os.environ | {"DATABASE_URL": f"postgres://{user}@/{name}?host={host}"} | more
    done = subprocess.run(
        [sys.executable, "-m", "tests.config.telemetry.asking"],
        cwd=settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    status, request_id = done.stdout.split()
    return status, request_id


def secrets_in(receiver: Receiver) -> list[str]:
    """Return what is personal in all that was received, and was not to be."""
    all_of_it = b"".join(body for _path, body in receiver.received).decode(errors="replace").lower()
    return [secret for secret in SECRETS if secret.lower() in all_of_it]


def test_errors_are_reported_with_the_request_that_failed_and_nothing_personal(
    receiver: Receiver,
) -> None:
    status, request_id = ask(SENTRY_DSN=f"http://key@127.0.0.1:{receiver.server_port}/1")
    assert status == "500"
    events = [json.loads(body.splitlines()[-1]) for body in receiver.at("/api/1/envelope/")]
    assert len(events) == 2
    request, task = events
    assert request["tags"] == {"request_id": request_id, "channel": "web"}
    assert request["transaction"] == "invitation"
    error = request["exception"]["values"][-1]
    assert error["type"] == "ValueError"
    assert [frame["function"] for frame in error["stacktrace"]["frames"]][-2:] == [
        "invitation", "fail",
    ]  # fmt: skip
    assert task["transaction"].endswith("failing")
    assert secrets_in(receiver) == []
    for report in events:
        assert report.keys() <= OF_REPORTS
        for each in report["exception"]["values"]:
            assert each.keys() == {"type", "module", "value", "stacktrace"}
            assert each["value"] == "… …"
            assert all(frame.keys() <= OF_FRAMES for frame in each["stacktrace"]["frames"])


def test_traces_lead_from_a_request_to_its_queries_and_hold_nothing_personal(
    receiver: Receiver,
) -> None:
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

    _status, request_id = ask(
        OTEL_EXPORTER_OTLP_ENDPOINT=f"http://127.0.0.1:{receiver.server_port}"
    )
    spans: dict[str, list[Any]] = {}
    for body in receiver.at("/v1/traces"):
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            told = {each.key: each.value.string_value for each in resource.resource.attributes}
            assert told["service.name"] == "annals"
            for scope in resource.scope_spans:
                spans.setdefault(scope.scope.name.rpartition(".")[2], []).extend(scope.spans)
    assert {"django", "psycopg", "redis", "celery"} <= spans.keys()

    def attributes(span: Any) -> dict[str, str]:
        return {each.key: each.value.string_value for each in span.attributes}

    [failed] = [each for each in spans["django"] if attributes(each)["request_id"] == request_id]
    assert failed.name == "POST i/<str:token>/"
    requests = {each.trace_id for each in spans["django"]}
    queries = [each for each in spans["psycopg"] if each.trace_id in requests]
    assert any("accounts_user" in attributes(each).get("db.statement", "") for each in queries)
    assert secrets_in(receiver) == []
    for span in itertools.chain(*spans.values()):
        assert attributes(span).keys() <= OF_SPANS
        assert not span.status.message
        for event in span.events:
            assert [each.key for each in event.attributes] == ["exception.type"]


def test_nothing_of_it_is_loaded_where_nobody_asks() -> None:
    program = (
        "import os, sys, django; os.environ['DJANGO_SETTINGS_MODULE'] = 'config.settings';"
        "django.setup(); import config.urls;"
        "sys.exit(bool({'sentry_sdk', 'opentelemetry.instrumentation'} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=settings.BASE_DIR, check=False)
    assert done.returncode == 0
