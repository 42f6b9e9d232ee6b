"""The doctor names settings that fit nothing, and is silent on those that do."""

from pathlib import Path
from typing import Any

import pytest

from config.doctor import configuration, folders
from tests.config.doctor.findings import SITE, said


@pytest.mark.parametrize(
    ("check", "changed", "words"),
    [
        ("address", {"ALLOWED_HOSTS": ["*"]}, "ERROR ALLOWED_HOSTS answers for every name"),
        ("address", {"ALLOWED_HOSTS": ["other"]}, "ERROR Nobody is answered at https://annals"),
        ("address", {"SITE_URL": "http://annals.example.org"}, "without encryption"),
        ("debugging", {"DEBUG": True}, "ERROR DEBUG is on"),
        ("proxies", {"TRUSTED_PROXIES": ["0.0.0.0/0"]}, "ERROR TRUSTED_PROXIES believes 0.0.0.0/0"),
        ("proxies", {"TRUSTED_PROXIES": []}, "WARNING No proxy is trusted"),
        (
            "sender",
            {
                "EMAIL_BACKEND": "contacts.smtp.EmailBackend",
                "DEFAULT_FROM_EMAIL": "Annals <annals@localhost>",
            },
            "ERROR Mails say they are from Annals <annals@localhost>",
        ),
        (
            "sender",
            {"EMAIL_BACKEND": "config.mail.folder.EmailBackend"},
            "WARNING Mail goes nowhere",
        ),
        ("django", {"LEDGER_ANCHOR_EMAILS": []}, "WARNING No checkpoint of the log leaves"),
        ("static_files", {"STATIC_ROOT": Path("/nowhere")}, "ERROR Static files are not collected"),
    ],
    ids=lambda each: each if isinstance(each, str) and " " not in each else "",
)
def test_a_setting_that_fits_nothing_is_named(
    check: str, changed: dict[str, Any], words: str, settings: Any
) -> None:
    settings.SITE_URL, settings.ALLOWED_HOSTS = SITE, ["annals.example.org"]
    for name, value in changed.items():
        setattr(settings, name, value)
    assert words in said(getattr(configuration, check))


def test_settings_that_fit_are_not_talked_about(settings: Any) -> None:
    settings.SITE_URL, settings.ALLOWED_HOSTS = SITE, ["annals.example.org"]
    settings.TRUSTED_PROXIES = ["172.16.0.0/12"]
    settings.EMAIL_BACKEND = "contacts.smtp.EmailBackend"
    settings.DEFAULT_FROM_EMAIL = "Annals <annals@example.org>"
    for check in (
        *(configuration.address, configuration.debugging, configuration.secret_key),
        *(configuration.proxies, configuration.sender, configuration.static_files),
        *folders.CHECKS,
    ):
        assert said(check) == ""


def test_a_key_of_each_machine_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://elsewhere")
    monkeypatch.delenv("SECRET_KEY", raising=False)
    assert "SECRET_KEY is not set" in said(configuration.secret_key)
