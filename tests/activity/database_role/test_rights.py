"""The role that web and worker run as can take nothing back, and has no more than it needs."""

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from activity.database_role import excess
from tests.activity.database_role.roles import ROLE, run
from tests.builders import make_contact

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
    "slip an event in further down": "INSERT INTO activity_event (id) VALUES (1)",
    "add an event that was erased": "INSERT INTO activity_event (erased_by) VALUES (1)",
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
        (f"GRANT INSERT ON activity_event TO {ROLE}",
         "it can choose where in the log an event stands"),
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
