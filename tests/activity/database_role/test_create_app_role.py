"""`manage.py create_app_role`: what it makes, takes back and refuses, and its passwords."""

import base64
import hashlib
import hmac
import io
from pathlib import Path

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from activity.database_role import excess
from contacts.models import Contact
from tests.activity.database_role.roles import ROLE, create, run, working_as
from tests.builders import make_contact


def test_the_command_takes_back_what_was_granted_since(role: str) -> None:
    run(f"GRANT DELETE, TRUNCATE ON activity_event TO {ROLE}")
    run(f"GRANT UPDATE (verb) ON activity_event TO {ROLE}")
    said, password = create("--apply")
    assert (said, password) == (f"{ROLE} can do what Annals needs, and no more.\n", "")
    with working_as(role), pytest.raises(DatabaseError, match="permission denied"):
        run("UPDATE activity_event SET verb = 'contact.created'")


def test_a_role_with_too_much_power_is_refused(role: str) -> None:
    run(f"ALTER ROLE {ROLE} SUPERUSER")
    with pytest.raises(CommandError, match="it is a superuser"):
        create("--apply")


def accepts(verifier: str, password: str) -> bool:
    """Tell whether a SCRAM-SHA-256 verifier of PostgreSQL is that password's (RFC 5802)."""
    _method, rounds_and_salt, keys = verifier.split("$")
    rounds, salt = rounds_and_salt.split(":")
    salted = hashlib.pbkdf2_hmac(
        "sha256", password.encode(), base64.b64decode(salt), int(rounds)
    )  # fmt: skip
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    return keys.split(":")[0] == base64.b64encode(stored).decode()


def verifier() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolpassword FROM pg_authid WHERE rolname = %s", [ROLE])
        return cursor.fetchone()[0]


def test_a_new_role_gets_a_password_that_is_shown_once(no_role: None) -> None:
    said, told = create("--apply")
    password = told.strip().rpartition(": ")[2]
    assert len(password) > 30
    assert password not in said
    assert accepts(verifier(), password)
    assert create("--apply")[1] == ""
    assert accepts(verifier(), password)


def test_a_password_comes_from_a_file_and_is_never_shown(no_role: None, tmp_path: Path) -> None:
    file = tmp_path / "password"
    for password in ("correct horse", "b'at\"tery\\"):
        file.write_text(password + "\n")
        said = create("--apply", "--password-file", str(file))
        assert password not in "".join(said)
        assert accepts(verifier(), password)


def test_no_password_reaches_the_server_in_the_clear(no_role: None, tmp_path: Path) -> None:
    from django.test.utils import CaptureQueriesContext

    file = tmp_path / "password"
    file.write_text("correct horse")
    with CaptureQueriesContext(connection) as queries:
        create("--apply", "--password-file", str(file))
    sent = " ".join(query["sql"] for query in queries)
    assert "SCRAM-SHA-256$" in sent
    assert "correct horse" not in sent


def test_what_is_printed_makes_the_same_role(no_role: None) -> None:
    printed, told = create()
    assert told == ""
    assert "\\password annals_test_app" in printed
    with pytest.raises(DatabaseError, match="does not exist"), transaction.atomic():
        run(f"SELECT '{ROLE}'::regrole")  # it was printed only
    parameters = connection.get_connection_params()
    where = {name: parameters[name] for name in ("host", "dbname", "user")}
    for _twice in range(2):
        with psycopg.connect(**where, autocommit=True) as psql:
            psql.execute(printed)
    assert excess(ROLE) == []
    with working_as(ROLE):
        make_contact()
        assert Contact.objects.exists()


def refused(*options: str) -> str:
    with pytest.raises(CommandError) as problem:
        call_command("create_app_role", *options, stdout=io.StringIO(), stderr=io.StringIO())
    return str(problem.value)


@pytest.mark.django_db
@pytest.mark.parametrize("name", ['a"b', "a;b", "Annals", "pg_annals", "", "1a", "a" * 64, "a b"])
def test_a_name_that_needs_quotes_is_refused(name: str) -> None:
    assert "is no name for a role" in refused("--name", name)


@pytest.mark.django_db
def test_the_password_file_must_be_there_and_say_something(tmp_path: Path) -> None:
    assert "goes with --apply" in refused("--password-file", "x")
    missing = tmp_path / "missing"
    assert "No such file" in refused("--apply", "--password-file", str(missing))
    missing.write_text("\n")
    assert "is empty" in refused("--apply", "--password-file", str(missing))


@pytest.mark.django_db
def test_the_owner_cannot_be_made_the_applications_role() -> None:
    assert "This runs as postgres itself" in refused("--name", "postgres")


def test_only_the_owner_can_make_the_role(as_role: str) -> None:
    assert "does not own the tables" in refused("--name", "annals_other")


def test_a_database_without_all_tables_is_to_be_migrated_first(half_migrated: None) -> None:
    assert "Run migrate first" in refused("--name", ROLE)


@pytest.mark.django_db
def test_what_the_database_refuses_is_told() -> None:
    assert 'role name "public" is reserved' in refused("--apply", "--name", "public")
