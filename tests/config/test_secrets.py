"""Secrets from files, keys that are too easy, and keys that take the place of others."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.tokens import default_token_generator
from django.test import Client
from environ import Env

from config import secrets
from config.embedded import Unavailable
from config.secrets import read_files, secret_settings
from contacts.reply_address import message_replied_to, reply_address
from tests.builders import make_user

URL = "postgres://annals:s3cret@db/annals"
KEY = "k3Yof-Wq8Zb" * 5


def written(folder: Path, content: str | bytes, mode: int = 0o600) -> Path:
    """Return a file with that content."""
    file = folder / "secret"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    file.chmod(mode)
    return file


@pytest.mark.parametrize("name", sorted([*secrets.NAMES, "ANYMAIL_POSTMARK_SERVER_TOKEN"]))
def test_a_secret_may_come_from_a_file(tmp_path: Path, name: str) -> None:
    value = {"EMAIL_URL": "smtp://mail:25", "REDIS_URL": "redis://redis/0"}.get(name, URL)
    file = written(tmp_path, f"{value}\n", 0o640)
    environment = {f"{name}_FILE": str(file), "OTHER_FILE": "/x"}
    read_files(environment)
    assert environment == {name: value, "OTHER_FILE": "/x"}


def test_a_name_without_a_file_is_as_if_it_was_not_there() -> None:
    environment = {"SECRET_KEY_FILE": "", "SECRET_KEY": KEY}
    read_files(environment)
    assert environment == {"SECRET_KEY": KEY}


@pytest.mark.parametrize(
    ("content", "mode", "said"),
    [
        ("", 0o600, "which is empty"),
        ("\n\n", 0o600, "which is empty"),
        (URL, 0o644, "every user of this machine can read.*chmod 640"),
        (URL, 0o604, "every user of this machine can read"),
        ("x" * 100_000, 0o600, "too large"),
        (b"\xff\xfe", 0o600, "it is no text"),
    ],
    ids=["empty", "blank", "open", "open to others", "large", "binary"],
)
def test_a_file_that_cannot_be_used_is_said_without_what_it_holds(
    tmp_path: Path, content: Any, mode: int, said: str
) -> None:
    file = written(tmp_path, content, mode)
    with pytest.raises(Unavailable, match=f"DATABASE_URL_FILE names {file}.*{said}") as raised:
        read_files({"DATABASE_URL_FILE": str(file)})
    assert "s3cret" not in str(raised.value)


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match=r"cannot be read \(No such file or directory\)"):
        read_files({"REDIS_URL_FILE": str(tmp_path / "none")})
    with pytest.raises(Unavailable, match=r"cannot be read \(Is a directory\)"):
        read_files({"REDIS_URL_FILE": str(tmp_path)})


def test_a_secret_that_is_given_twice_is_not_guessed(tmp_path: Path) -> None:
    environment = {"EMAIL_URL_FILE": str(written(tmp_path, "smtp://x")), "EMAIL_URL": "smtp://y"}
    with pytest.raises(Unavailable, match="are both set: leave one of them out"):
        read_files(environment)


def test_a_container_engine_s_secrets_are_readable_for_all_in_the_container(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(secrets, "OF_CONTAINERS", (tmp_path,))
    environment = {"SECRET_KEY_FILE": str(written(tmp_path, KEY, 0o444))}
    read_files(environment)
    assert environment == {"SECRET_KEY": KEY}


ASK = "from django.conf import settings as s; print(s.SECRET_KEY, s.SECRET_KEY_FALLBACKS)"


def test_annals_starts_with_keys_from_files(run: Any, tmp_path: Path) -> None:
    given = {"DJANGO_SETTINGS_MODULE": "config.settings", "SECRET_KEY_FALLBACKS": "one,two"}
    file = str(written(tmp_path, KEY))
    done = run(tmp_path, "-c", ASK, SECRET_KEY_FILE=file, **given)
    assert done.stdout == f"{KEY} ['one', 'two']\n", done.stderr


@pytest.mark.parametrize("key", ["changeme", "x" * 64, "abcabc" * 20])
def test_a_deployment_refuses_a_key_that_is_easy_to_guess(
    monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    monkeypatch.setenv("SECRET_KEY", key)
    monkeypatch.delenv("SITE_URL", raising=False)
    assert secret_settings(Env()) == {"SECRET_KEY": key}  # of a trial
    monkeypatch.setenv("SITE_URL", "https://annals.example")
    with pytest.raises(Unavailable, match="SECRET_KEY is too easy to guess") as raised:
        secret_settings(Env())
    assert key not in str(raised.value)


def test_a_command_says_what_is_wrong_in_one_sentence(run: Any, tmp_path: Path) -> None:
    file = written(tmp_path, URL, 0o644)
    done = run(tmp_path, "manage.py", "showmigrations", DATABASE_URL_FILE=str(file))
    assert done.returncode == 2
    assert done.stderr == (
        f"DATABASE_URL_FILE names {file}, which every user of this machine can read: run"
        f" “chmod 640 {file}”, with a group to which Annals belongs.\n"
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "postgres://annals:s3cret/x@db:5432/annals"),
        ("DATABASE_URL", "postgres://annals:s3c#ret@db/annals"),
        ("DATABASE_URL", "mysql://annals:s3cret@db/annals"),
        ("READ_DATABASE_URL", "s3cret"),
        ("REDIS_URL", "redis://:s3cret/x@redis:6379/0"),
        ("REDIS_URL", "http://:s3cret@redis"),
        ("EMAIL_URL", "smtp://annals:s3cret/x@mail:25"),
        ("EMAIL_URL", "imap://annals:s3cret@mail"),
    ],
)
def test_an_address_that_is_none_is_said_without_any_part_of_its_password(
    name: str, value: str
) -> None:
    with pytest.raises(Unavailable, match=f"^{name} is not written as .*%2F") as raised:
        read_files({name: value})
    assert "s3c" not in str(raised.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "postgres://annals:s3c%2Fret@%2Frun%2Fpostgresql/annals"),
        ("DATABASE_URL", "postgres://checked"),
        ("REDIS_URL", "rediss://:s3cret@redis:6380/1?protocol=3"),
        ("REDIS_URL", "unix:///run/redis.sock?db=0"),
        ("EMAIL_URL", "smtp+tls://annals:s3cret@mail:587"),
    ],
)
def test_the_usual_addresses_are_taken(name: str, value: str) -> None:
    read_files({name: value})


@pytest.mark.django_db
def test_sessions_and_links_outlive_the_key_they_were_made_with(
    client: Client, settings: Any
) -> None:
    settings.INBOUND_DOMAIN = "in.annals.example"
    ada = make_user(name="Ada")
    client.force_login(ada)
    assert client.get("/contacts/").status_code == 200
    token = default_token_generator.make_token(ada)
    message = SimpleNamespace(pk=uuid4())
    replied = reply_address(message)

    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = KEY, [settings.SECRET_KEY]
    assert client.get("/contacts/").status_code == 200
    assert default_token_generator.check_token(ada, token)
    assert message_replied_to(replied) == message.pk

    settings.SECRET_KEY_FALLBACKS = []
    assert message_replied_to(replied) is None
    assert not default_token_generator.check_token(ada, token)
