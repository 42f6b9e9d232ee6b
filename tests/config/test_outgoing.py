"""Whom Annals itself calls: servers that its configuration names, and nobody else."""

import ast
import socket
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.test import Client

from contacts.models import Contact, ImportRun
from tests.builders import make_contact, make_user

ROOT = settings.BASE_DIR
# What opens connections, or can be told to.
CLIENTS = {
    *("aiohttp", "asyncio.open_connection", "boto3", "botocore", "ftplib", "http.client", "httpx"),
    *("imaplib", "kombu", "nntplib", "opentelemetry", "poplib", "pycurl", "redis", "requests"),
    *("sentry_sdk", "smtplib", "socket", "ssl", "telnetlib", "urllib.request", "urllib3"),
    *("websockets", "xmlrpc"),
}
# Who may, and where they call.
ALLOWED = {
    "accounts/notices.py": "nobody: it only knows that REDIS_URL may not answer",
    "accounts/service.py": "OIDC_SERVER_URL, and hosts outside that its description names",
    "accounts/service_views.py": "nobody: it only knows the errors",
    "activity/live/hub.py": "REDIS_URL",
    "activity/live/news.py": "REDIS_URL",
    "config/cache.py": "REDIS_URL",
    "config/celery.py": "REDIS_URL",
    "config/doctor/servers.py": "REDIS_URL and EMAIL_URL, from the command line",
    "config/embedded/redis.py": "the embedded Redis",
    "config/health.py": "REDIS_URL",
    "config/operations/workers.py": "REDIS_URL",
    "config/run.py": "this machine: is the port free, does the page answer",
    "config/telemetry/errors.py": "SENTRY_DSN",
    "config/telemetry/traces.py": "OTEL_EXPORTER_OTLP_ENDPOINT",
    "contacts/broker.py": "REDIS_URL",
    "contacts/provider_backend.py": "the provider's API, at its own address",
    "contacts/smtp.py": "EMAIL_URL",
    "contacts/smtp_connection.py": "EMAIL_URL",
}
INSIDE = "169.254.169.254"  # where clouds keep the keys of a machine


def clients_of(module: Path) -> set[str]:
    """Return which of CLIENTS a module imports, wherever in it, or calls by asyncio."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Attribute) and node.attr == "open_connection":
            names.add("asyncio.open_connection")
    return {
        client
        for client in CLIENTS
        if any(name == client or name.startswith(f"{client}.") for name in names)
    }


def test_only_these_modules_open_connections_and_each_to_one_configured_place() -> None:
    modules = [
        path
        for app in ("accounts", "activity", "config", "contacts")
        for path in sorted((ROOT / app).rglob("*.py"))
    ]
    found = {str(path.relative_to(ROOT)) for path in modules if clients_of(path)}
    assert found - ALLOWED.keys() == set()
    assert {name for name in ALLOWED if not (ROOT / name).exists()} == set()


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the list of hosts that are looked up or connected to from now on."""
    hosts: list[str] = []
    connect, resolve = socket.socket.connect, socket.getaddrinfo

    def connecting(self: socket.socket, address: Any) -> Any:
        if isinstance(address, tuple):
            hosts.append(str(address[0]))
        return connect(self, address)

    def resolving(host: Any, *args: Any, **kwargs: Any) -> Any:
        hosts.append(str(host))
        return resolve(host, *args, **kwargs)

    monkeypatch.setattr(socket.socket, "connect", connecting)
    monkeypatch.setattr(socket, "getaddrinfo", resolving)
    return hosts


CARD = f"""BEGIN:VCARD
VERSION:4.0
FN:Amara Okonkwo
PHOTO;VALUE=uri:http://{INSIDE}/latest/meta-data/
LOGO:http://{INSIDE}/logo.png
URL:http://{INSIDE}/
SOURCE:http://{INSIDE}/card.vcf
KEY:http://{INSIDE}/key.asc
SOUND:http://{INSIDE}/a.ogg
END:VCARD
"""


@pytest.mark.django_db
def test_an_address_in_a_vcard_is_never_fetched(called: list[str]) -> None:
    run = ImportRun.receive(ContentFile(CARD.encode(), name="fair.vcf"), None)
    run.start(run.targets, by_worker=False)
    run.run()
    assert Contact.objects.get().given_name == "Amara"
    assert called == []


@pytest.mark.django_db
def test_an_address_in_a_comment_is_linked_and_never_fetched(
    client: Client, called: list[str]
) -> None:
    client.force_login(make_user(name="Max"))
    contact = make_contact()
    body = f"![x](http://{INSIDE}/x.png) http://{INSIDE}/preview <img src=http://{INSIDE}/y>"
    answer = client.post(f"/contacts/{contact.pk}/comments/", {"body": body, "id": uuid4()})
    assert answer.status_code == 303
    page = client.get(f"/contacts/{contact.pk}/").content.decode()
    assert f'href="http://{INSIDE}/preview"' in page
    assert f'src="http://{INSIDE}' not in page
    assert called == []
