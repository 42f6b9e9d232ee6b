"""What EMAIL_PROVIDER makes of the settings, and that nothing else needs its packages."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.provider import provider_names, provider_settings

KEY = "0123456789abcdef" * 2
SECRET = "annals:0123456789abcdef0123"
ASK = """
import django, json
django.setup()
from django.apps import apps
from django.conf import settings
from django.urls import Resolver404, resolve
def answers(path):
    try:
        return bool(resolve(path))
    except Resolver404:
        return False
print(json.dumps([
    settings.EMAIL_BACKEND,
    apps.is_installed("anymail"),
    [answers(f"/anymail/postmark/{kind}/") for kind in ("tracking", "inbound")],
    [answers(f"/anymail/mailgun/{kind}/") for kind in ("tracking", "inbound")],
]))
"""
# Makes a Python that has none of the packages of the extra.
WITHOUT = """
import sys
from importlib.machinery import PathFinder
class Finder(PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        missing = name.partition(".")[0] in {"anymail", "inscriptis", "mailparser_reply"}
        return None if missing else super().find_spec(name, path, target)
sys.meta_path[:] = [Finder if each is PathFinder else each for each in sys.meta_path]
"""


def ask(run: Any, tmp_path: Path, program: str = ASK, **environment: str) -> Any:
    environment = {"DJANGO_SETTINGS_MODULE": "config.settings", "SECRET_KEY": KEY, **environment}
    return run(tmp_path, "-c", program, **environment)


def test_a_provider_sends_and_reports(run: Any, tmp_path: Path) -> None:
    environment = {"EMAIL_PROVIDER": "postmark", "ANYMAIL_WEBHOOK_SECRET": SECRET}
    done = ask(run, tmp_path, EMAIL_URL="smtp://mail.example", **environment)
    assert done.returncode == 0, done.stderr
    backend = "contacts.provider_backend.EmailBackend"
    assert json.loads(done.stdout) == [backend, True, [True, True], [False, False]]


def test_without_a_provider_there_are_no_webhooks(run: Any, tmp_path: Path) -> None:
    done = ask(run, tmp_path)
    assert done.returncode == 0, done.stderr
    backend = "config.mail.folder.EmailBackend"
    assert json.loads(done.stdout) == [backend, False, [False, False], [False, False]]


def test_without_the_packages_all_else_works(run: Any, tmp_path: Path) -> None:
    every_module = """
import pkgutil, importlib, sys
import accounts, activity, config, contacts
extra = {"contacts.provider_backend", "contacts.mail_events", "contacts.urls_provider",
    "contacts.inbound", "contacts.incoming_mail", "contacts.quoting"}
for package in (accounts, activity, config, contacts):
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if module.name not in extra and "demo" not in module.name:
            importlib.import_module(module.name)
from django.core.management import call_command
call_command("check")
"""
    done = ask(run, tmp_path, WITHOUT + ASK + every_module)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.partition("\n")[0])[0] == "config.mail.folder.EmailBackend"


@pytest.mark.parametrize(
    ("program", "environment", "says"),
    [
        ("", {"EMAIL_PROVIDER": "postmark"}, "EMAIL_PROVIDER needs ANYMAIL_WEBHOOK_SECRET"),
        (
            "",
            {"EMAIL_PROVIDER": "pigeon", "ANYMAIL_WEBHOOK_SECRET": SECRET},
            "EMAIL_PROVIDER is “pigeon”, which is none of: amazon_ses, brevo, ",
        ),
        (
            WITHOUT,
            {"EMAIL_PROVIDER": "postmark", "ANYMAIL_WEBHOOK_SECRET": SECRET},
            "uv sync --extra providers",
        ),
        ("", {"INBOUND_DOMAIN": "in.example"}, "INBOUND_DOMAIN needs EMAIL_PROVIDER"),
    ],
)
def test_annals_does_not_start_half_configured(
    run: Any, tmp_path: Path, program: str, environment: dict[str, str], says: str
) -> None:
    done = ask(run, tmp_path, program + ASK, **environment)
    assert done.returncode != 0
    assert says in done.stderr


@pytest.mark.parametrize("secret", ["", "a:short", "0123456789abcdef0123456789", f"{SECRET},"])
def test_a_secret_that_can_be_guessed_is_refused(secret: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="20 or more characters"):
        provider_settings("postmark", {"ANYMAIL_WEBHOOK_SECRET": secret})


def test_the_variables_of_anymail_become_its_settings() -> None:
    environment = {
        "ANYMAIL_WEBHOOK_SECRET": f"{SECRET},{SECRET}9",
        "ANYMAIL_POSTMARK_SERVER_TOKEN": "00012",
        "ANYMAIL_IGNORE_RECIPIENT_STATUS": "false",
        "ANYMAIL_AMAZON_SES_CLIENT_PARAMS": '{"region_name": "eu-central-1"}',
        "PATH": "/bin",
    }
    assert provider_settings("postmark", environment) == {
        "ANYMAIL_WEBHOOK_SECRET": [SECRET, f"{SECRET}9"],
        "ANYMAIL_POSTMARK_SERVER_TOKEN": "00012",
        "ANYMAIL_IGNORE_RECIPIENT_STATUS": False,
        "ANYMAIL_AMAZON_SES_CLIENT_PARAMS": {"region_name": "eu-central-1"},
        "EMAIL_BACKEND": "contacts.provider_backend.EmailBackend",
    }


def test_every_provider_of_anymail_can_be_named() -> None:
    known = {"amazon_ses", "brevo", "mailgun", "mailjet", "postmark", "sendgrid", "sparkpost"}
    assert known <= set(provider_names())
    assert not {"base", "base_requests", "console", "test"} & set(provider_names())
