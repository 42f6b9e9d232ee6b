"""The role that web and worker run as: it can do all the work, and take nothing back."""

import base64
import hashlib
import hmac
import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.checks import run_checks
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils.module_loading import import_string
from uuid_utils.compat import uuid7

from accounts.models import User
from activity.database_role import excess
from activity.models import ActivityEvent, Leaf, Pending
from config.celery import app
from contacts import mail
from contacts.models import Contact, ImportRun, Message, Share
from tests.builders import make_contact, make_user
from tests.contacts.invitations import PASSWORD, copied_path, make_invitation

ROLE = "annals_test_app"
HTMX = {"HX-Request": "true"}


def create(*options: str) -> tuple[str, str]:
    """Run the command; return what it said on standard output and on standard error."""
    out, err = io.StringIO(), io.StringIO()
    call_command("create_app_role", "--name", ROLE, *options, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


@contextmanager
def working_as(user: str) -> Iterator[None]:
    """Let Django's own connections be those of another role; the embedded server trusts us."""
    owner = connection.settings_dict["USER"]

    def become(name: str) -> None:
        connection.close()
        connection.close_pool()
        connection.settings_dict["USER"] = name

    become(user)
    try:
        yield
    finally:
        become(owner)


@pytest.fixture
def role(transactional_db: None) -> Iterator[str]:
    """Make the role, and take it away again: roles belong to the whole server."""
    create("--apply")
    yield ROLE
    run(f"DROP OWNED BY {ROLE}")
    run(f"DROP ROLE {ROLE}")


@pytest.fixture
def as_role(role: str) -> Iterator[str]:
    with working_as(role):
        yield role


@pytest.fixture
def max_(as_role: str) -> User:
    return make_user(name="Max", password=PASSWORD)


def test_all_the_work_of_annals_is_done_as_that_role(
    max_: User, client: Client, settings: Any
) -> None:
    signed_in = client.post(
        reverse("account_login"), {"login": "max@annals.example", "password": PASSWORD}
    )
    assert signed_in.status_code == 302

    def post(name: str, *args: Any, **typed: Any) -> Any:
        answer = client.post(reverse(name, args=args), typed)
        assert answer.status_code in {200, 302, 303}, (name, answer.status_code)
        return answer

    def get(name: str, *args: Any) -> str:
        answer = client.get(reverse(name, args=args))
        assert answer.status_code == 200, name
        return answer.content.decode()

    post("contact_new", given_name="Amara", family_name="Okonkwo", email="amara@calder.example")
    amara = Contact.objects.get()
    post("contact_edit", amara.pk, version=amara.version, given_name="Amara",
         family_name="Okonkwo", city="Lagos", email="amara@calder.example")  # fmt: skip
    post("contact_comments", amara.pk, body="Call back on Monday", id=uuid7())
    post("contact_archive", amara.pk, reason="Paused")
    post("contact_restore", amara.pk)
    message = Message.send(
        Contact.objects.get(), author=max_, address="amara@calder.example", body="Hello",
        files=[SimpleUploadedFile("plan.txt", b"plan")], grace=timedelta(0),
    )  # fmt: skip
    mail.deliver(message.delivery.pk)
    invitation = make_invitation(Contact.objects.get(), inviter=max_)
    portal = Client()
    path = copied_path(invitation)
    assert portal.get(path).status_code == 200
    share = Share.draft(Contact.objects.get(), sender=max_, recipients=["ben@b.example"],
                        fields=["name"], note="", link_days=7)  # fmt: skip
    share.send()
    imported = ImportRun.receive(ContentFile(b"Name,Email\nBo,bo@b.example\nX,no", "x.csv"), max_)
    imported.start(imported.targets, by_worker=False)
    imported.run()
    assert (imported.state, imported.created) == ("finished", 1)
    assert "Hello" in get("contact", amara.pk)
    for page in ("contacts", "activity_log", "ledger_status", "activity_exports", "bulk_runs"):
        get(page)
    get("contact_history", amara.pk)
    post("contact_handover", amara.pk, id=uuid7())
    post("activity_export", id=uuid7(), format="csv")
    post("contact_delete", amara.pk, confirm="Amara Okonkwo", reason="Asked")
    assert client.get(amara.get_absolute_url()).status_code == 410
    assert ActivityEvent.objects.filter(contact_id=amara.pk, payload__isnull=True).count() > 5
    ada = make_user(name="Ada")
    ada.assign_role("manager")
    client.force_login(make_user("administrator", name="Eve"))
    get("admin:activity_activityevent_changelist")
    post("account_logout")


def test_all_that_is_scheduled_and_all_commands_run_as_that_role(
    max_: User, tmp_path: Path
) -> None:
    amara = make_contact()
    event = ActivityEvent.objects.get(verb="contact.created", object_id=amara.pk)
    for entry in app.conf.beat_schedule.values():
        import_string(entry["task"]).apply(throw=True)
    assert Leaf.objects.filter(event_id=event.pk).exists()
    said = {"stdout": io.StringIO(), "stderr": io.StringIO()}
    call_command("rotate_ledger_key", **said)
    call_command("seal_ledger", **said)
    assert not Pending.objects.exists()
    call_command("export_proof", str(event.uid), output=tmp_path / "proof.zip", **said)
    log = io.TextIOWrapper(io.BytesIO())
    call_command("export_activity", stdout=log, stderr=io.StringIO())
    assert str(event.uid) in log.buffer.getvalue().decode()
    call_command("replay_erasures", **said)
    call_command("verify_ledger", **said)  # raises where anything does not hold


ATTACKS = {
    "switch the guard off": "ALTER TABLE activity_event DISABLE TRIGGER annals_guard",
    "drop the guard": "DROP TRIGGER annals_guard ON activity_event",
    "replace the guard": (
        "CREATE OR REPLACE FUNCTION annals_guard_event() RETURNS trigger LANGUAGE plpgsql"
        " AS 'BEGIN RETURN NEW; END'"
    ),
    "rewrite an event": "UPDATE activity_event SET verb = 'contact.created'",
    "postdate an event": "UPDATE activity_event SET occurred_at = now()",
    "delete events": "DELETE FROM activity_event",
    "empty the log": "TRUNCATE activity_event",
    "drop the log": "DROP TABLE activity_event",
    "rewrite an origin": "UPDATE activity_origin SET route = ''",
    "delete origins": "DELETE FROM activity_origin",
    "rewrite a leaf": "UPDATE activity_leaf SET hash = ''",
    "delete a checkpoint": "DELETE FROM activity_checkpoint",
    "delete an anchor": "DELETE FROM activity_anchor",
    "rewrite a version": "UPDATE contacts_historicalcontact SET given_name = 'Eve'",
    "turn triggers off": "SET session_replication_role = replica",
    "empty the contacts": "TRUNCATE contacts_contact CASCADE",
    "add a trigger": (
        "CREATE TRIGGER quiet BEFORE INSERT ON activity_event FOR EACH ROW"
        " EXECUTE FUNCTION annals_refuse()"
    ),
    "add a table": "CREATE TABLE mine (id int)",
    "stand in for the log": "CREATE TEMP TABLE activity_event (LIKE activity_event)",
    "add a schema": "CREATE SCHEMA mine",
    "make a role": "CREATE ROLE another",
    "become a superuser": f"ALTER ROLE {ROLE} SUPERUSER",
    "become the owner": "SET ROLE postgres",
    "change its own rights": "UPDATE auth_group_permissions SET permission_id = 1",
    "forge a migration": "INSERT INTO django_migrations (app) VALUES ('activity')",
    "set a counter": "SELECT setval(pg_get_serial_sequence('activity_event', 'id'), 1)",
    "read a file": "COPY activity_origin (route) FROM '/etc/passwd'",
    "run a program": "COPY activity_event TO PROGRAM 'cat'",
}  # fmt: skip


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS.keys())
def test_that_role_cannot_get_at_the_log(attack: str, as_role: str) -> None:
    make_contact()
    with pytest.raises(DatabaseError) as refused:
        run(attack)
    # insufficient_privilege, before any guard was asked
    assert refused.value.__cause__.sqlstate == "42501", refused.value


def test_the_guards_hold_for_what_the_role_may_write(as_role: str) -> None:
    make_contact()
    for forged in (
        "UPDATE activity_event SET payload = '{}'",
        "DELETE FROM contacts_historicalcontact",
        "UPDATE contacts_contact SET city = 'Nowhere'",
        "DELETE FROM contacts_contact",
        "UPDATE activity_origin SET address = '192.0.2.1'",
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            run(forged)


def test_the_role_can_give_no_rights_away_nor_to_itself(as_role: str) -> None:
    for whom in (ROLE, "PUBLIC"):
        run(f"GRANT DELETE ON activity_event TO {whom}")  # a mere warning, says the standard
    assert excess() == []


def test_the_role_has_no_more_than_it_needs_and_the_owner_has(role: str) -> None:
    assert excess(role) == []
    assert excess() == ["it is a superuser"]


@pytest.mark.parametrize(
    ("more", "named"),
    [
        (f"GRANT DELETE ON activity_event TO {ROLE}", "it can change or empty the log"),
        (f"GRANT TRUNCATE ON activity_leaf TO {ROLE}", "it can change or empty the log"),
        (f"GRANT UPDATE ON contacts_historicalcontact TO {ROLE}", "it can change or empty the log"),
        (f"ALTER TABLE activity_node OWNER TO {ROLE}", "it owns tables of Annals"),
        (f"ALTER FUNCTION annals_refuse OWNER TO {ROLE}", "it owns functions of the guards"),
        (f"ALTER ROLE {ROLE} CREATEROLE", "it can make other roles"),
        (f"GRANT pg_write_server_files TO {ROLE}", "it belongs to other roles"),
        (f"GRANT CREATE ON SCHEMA public TO {ROLE}", "it can make tables"),
        (f"GRANT SET ON PARAMETER session_replication_role TO {ROLE}",
         "it can switch triggers off"),
    ],
)  # fmt: skip
def test_what_it_has_too_much_is_named(role: str, more: str, named: str) -> None:
    with transaction.atomic():
        run(more)
        assert named in excess(role)
        transaction.set_rollback(True)


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


@pytest.fixture
def no_role(transactional_db: None) -> Iterator[None]:
    yield
    run(f"DROP OWNED BY {ROLE}")
    run(f"DROP ROLE {ROLE}")


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


def role_warnings(**options: Any) -> list[str]:
    found = run_checks(include_deployment_checks=True, **options)
    return [each.msg for each in found if each.id == "activity.W001"]


def test_the_deployment_check_warns_of_an_owner(role: str) -> None:
    assert role_warnings() == []
    [warning] = role_warnings(databases=["default"])
    assert "it is a superuser" in warning
    with working_as(role):
        assert role_warnings(databases=["default"]) == []


def test_readiness_names_the_role_and_stays_ready(client: Client, role: str) -> None:
    from config import health

    health.note_worker()
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert any("it is a superuser" in warning for warning in answer.json()["warnings"])
    with working_as(role):
        answer = client.get("/readyz")
    assert answer.status_code == 200
    assert not any("can do more" in warning for warning in answer.json()["warnings"])


@pytest.fixture
def half_migrated(transactional_db: None) -> Iterator[None]:
    """Take one of the tables away."""
    run("ALTER TABLE activity_leaf RENAME TO activity_leaf_away")
    yield
    run("ALTER TABLE activity_leaf_away RENAME TO activity_leaf")


def test_a_database_without_all_tables_is_to_be_migrated_first(half_migrated: None) -> None:
    assert "Run migrate first" in refused("--name", ROLE)


def test_the_deployment_check_says_what_it_could_not_find_out(half_migrated: None) -> None:
    [warning] = role_warnings(databases=["default"])
    assert warning.startswith("The database does not say how safe the log is")


@pytest.mark.django_db
def test_what_the_database_refuses_is_told() -> None:
    assert 'role name "public" is reserved' in refused("--apply", "--name", "public")
