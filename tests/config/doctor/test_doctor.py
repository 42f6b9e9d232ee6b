"""The doctor: each thing that is wrong is named in a sentence, and what is right is not."""

import io
import json
import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from accounts import demo
from activity.models import LedgerCheck
from activity.recording import Draft, write
from config import doctor
from config.backup import unfinished
from config.doctor import configuration, database, folders, people, servers
from tests.builders import make_contact, make_user

SITE = "https://annals.example.org"


def said(check: Callable) -> str:
    """Return all that a check finds, each with its level."""
    found = [f"{finding.level.name} {finding.text} {finding.to_do}" for finding in check()]
    return "\n".join(found)


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


def test_folders_and_keys_that_others_can_read_are_named(tmp_path: Path, settings: Any) -> None:
    settings.ANNALS_VAR = tmp_path
    (tmp_path / "secret_key").write_text("known")
    (tmp_path / "secret_key").chmod(0o644)
    tmp_path.chmod(0o777)
    assert "ERROR Others on this machine may read the key" in said(folders.secrets)
    assert "WARNING Others on this machine may look into" in said(folders.var)
    settings.ANNALS_LEDGER_KEY = "/no/such/file"
    assert "ERROR The key of the log cannot be read" in said(folders.ledger_key)


def test_a_folder_that_cannot_be_written_and_a_full_disk_are_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)  # root may write anywhere
    assert "ERROR Annals may not write to" in said(folders.var)
    assert "ERROR Checkpoints cannot be kept" in said(folders.anchors)
    monkeypatch.setattr(folders, "LITTLE", 1 << 60)
    assert "WARNING The disk of" in said(folders.disks)
    monkeypatch.setattr(folders, "LEAST", 1 << 60)
    assert "ERROR The disk of" in said(folders.disks)


@pytest.mark.django_db
def test_a_sound_database_is_not_talked_about() -> None:
    for check in (
        *(database.reachable, database.version, database.kind, database.sessions),
        *(database.connections, database.migrations, database.clocks),
    ):
        assert said(check) == ""


@pytest.mark.django_db
def test_a_server_that_may_lose_or_keep_too_much_is_named(monkeypatch: Any) -> None:
    assert "ERROR fsync is off" in said(database.durable)  # the tests' own
    sound = dict.fromkeys(("fsync", "full_page_writes", "synchronous_commit"), "on")
    chatty = sound | {"log_error_verbosity": "default", "log_min_error_statement": "error"}
    monkeypatch.setattr(database, "_ask", lambda *_: chatty.items())
    assert "WARNING PostgreSQL’s own log keeps values" in said(database.durable)
    monkeypatch.setattr(database, "_ask", lambda *_: [("SQL_ASCII", "1", "2")])
    assert "keeps texts as SQL_ASCII" in said(database.kind)
    assert "ERROR The system sorts texts otherwise" in said(database.kind)
    monkeypatch.setattr(database, "_ask", lambda *_: [(timezone.now() - timedelta(minutes=1),)])
    assert "ERROR The clocks" in said(database.clocks)
    monkeypatch.setattr(database, "_ask", lambda *_: [(5,)])
    assert "are more than the 5" in said(database.connections)
    monkeypatch.setattr(database, "OLDEST", 99)
    assert "ERROR PostgreSQL is of version" in said(database.version)


@pytest.mark.django_db
def test_a_pooler_that_shares_sessions_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with database._connect() as shared:
        shared.close = lambda: None  # as behind a pooler: the next one gets the same session
        monkeypatch.setattr(database, "_connect", lambda: shared)
        monkeypatch.setattr(type(shared), "__exit__", lambda *_: None)
        assert "ERROR Connections share sessions" in said(database.sessions)
        monkeypatch.undo()


@pytest.mark.django_db
def test_a_database_of_another_version_and_an_unfinished_restore_are_named() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(name) FROM django_migrations WHERE app = 'contacts'")
        cursor.execute("DELETE FROM django_migrations WHERE name = %s", cursor.fetchone())
    assert "migrations are missing" in said(database.migrations)
    assert said(database.guards) == ""
    unfinished.begin("sum")
    assert "A backup was not restored to the end" in said(database.migrations)


@pytest.mark.django_db
def test_a_guard_that_somebody_took_off_is_named() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE activity_event DISABLE TRIGGER annals_guard")
    assert "A guard of the log is not as it should be" in said(database.guards)


@pytest.mark.django_db
def test_who_looks_after_it_is_asked_for(settings: Any) -> None:
    settings.SITE_URL = SITE
    assert "ERROR Nobody is an administrator" in said(people.administrators)
    ada = make_user(name="Ada")
    assert "WARNING No administrator has a second step" in said(people.administrators)
    with connection.cursor() as cursor:  # how she set it up is another test's
        cursor.execute("ALTER TABLE mfa_authenticator DISABLE TRIGGER USER")
    Authenticator.objects.bulk_create(
        [Authenticator(user=ada, type=Authenticator.Type.TOTP, data={})]
    )
    assert said(people.administrators) == ""


@pytest.mark.django_db
def test_people_of_the_demo_are_named_on_a_server_only(settings: Any) -> None:
    make_user(name="Ada", email=demo.PEOPLE[0][0], password=demo.PASSWORD)
    assert said(people.demo_people) == ""
    settings.SITE_URL = SITE
    assert "ERROR People of the demo can sign in" in said(people.demo_people)


@pytest.mark.django_db
def test_a_backup_is_asked_for_until_there_is_a_recent_one(settings: Any, monkeypatch: Any) -> None:
    assert said(people.backups) == ""
    settings.SITE_URL = SITE
    assert "WARNING No backup was ever made" in said(people.backups)
    write([Draft("backup.created", "backup", None, None, {})])
    assert said(people.backups) == ""
    monkeypatch.setattr(people, "BACKUP", timedelta())
    assert "The last backup was made 0 days ago" in said(people.backups)


@pytest.mark.django_db
def test_a_log_that_is_not_proven_is_named(settings: Any, monkeypatch: Any) -> None:
    settings.ANNALS_LEDGER_KEY = ""
    assert "WARNING The log is not sealed" in said(people.proof)
    settings.ANNALS_LEDGER_KEY = "x"
    make_contact()
    assert said(people.proof) == ""
    monkeypatch.setattr("activity.ledger.status.LATE", timedelta(seconds=-60))
    assert "Events wait to be sealed" in said(people.proof)
    monkeypatch.undo()
    check = LedgerCheck.objects.create(
        kind=LedgerCheck.Kind.VERIFY, began_at=timezone.now(), ok=True, epoch=1, size=0
    )
    LedgerCheck.objects.filter(pk=check.pk).update(ended_at=timezone.now() - timedelta(days=3))
    assert "not verified for two days" in said(people.proof)
    LedgerCheck.objects.filter(pk=check.pk).update(ok=False)
    assert "ERROR The log is not what was sealed" in said(people.proof)


def test_redis_without_a_worker_is_named(
    redis_client: Any, settings: Any, monkeypatch: Any
) -> None:
    assert said(servers.queue) == ""
    assert "ERROR No worker was heard of" in said(servers.workers)
    monkeypatch.setattr(servers, "OLDEST", (99,))
    assert "WARNING Redis is of version" in said(servers.queue)
    settings.REDIS_URL = "redis://127.0.0.1:1"
    assert "ERROR Redis does not answer" in said(servers.queue)
    assert said(servers.workers) == ""


def test_the_mail_server_is_asked_and_nothing_is_sent(smtp: Any, settings: Any) -> None:
    assert said(servers.mail) == ""
    assert not smtp.received
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "annals", "wrong"
    assert "ERROR The mail server" in said(servers.mail)
    settings.EMAIL_PORT = 1
    assert "cannot be used" in said(servers.mail)
    settings.EMAIL_BACKEND = "config.mail.folder.EmailBackend"
    assert said(servers.mail) == ""


def look(*options: str) -> tuple[int, str]:
    out = io.StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("doctor", *options, stdout=out)
    return ended.value.code, out.getvalue()


@pytest.mark.django_db
def test_the_command_tells_people_and_programs_the_worst_first() -> None:
    code, told = look("--json")
    answer = json.loads(told)
    assert code == 2 and not answer["ok"]
    levels = [finding["level"] for finding in answer["findings"]]
    assert levels == sorted(levels)  # error, warning
    assert {"workers", "durable"} <= {finding["check"] for finding in answer["findings"]}
    assert "Error: No worker was heard of" in look()[1]


def test_where_the_database_is_away_only_that_is_said_of_it(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "answers", lambda: False)
    monkeypatch.setattr(folders, "CHECKS", (lambda: 1 // 0,))
    monkeypatch.setitem(connection.settings_dict, "HOST", "/nowhere")
    found = {finding.check: finding.text for finding in doctor.findings()}
    assert "The database does not answer" in found["reachable"]
    assert "could not look" in found["<lambda>"]
    assert not found.keys() & {"kind", "migrations", "backups"}


def test_nothing_wrong_is_said_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "findings", list)
    assert look() == (0, "Nothing is wrong.\n")
