"""The database role that Annals works as: it owns nothing, and can only add to the log.

The owner of the tables could take the guards off. Web and worker need no such power: they are
given a role by `manage.py create_app_role`, and migrations run as the owner.
"""

from collections.abc import Iterator

from django.apps import apps
from django.db import connection
from psycopg import sql

from activity.models import ActivityEvent
from contacts.models import Tracked

ALL = ("SELECT", "INSERT", "UPDATE", "DELETE")
# Added to, and never changed: the guards refuse it, and so do the privileges.
APPENDED = ("SELECT", "INSERT")
READ = ("SELECT",)
# An event's place in the log, and when it came there, are the database's word alone.
_STAMPED = frozenset({"id", "recorded_at", "xid", "erased_by"})
_COLUMNS = [field.column for field in ActivityEvent._meta.concrete_fields]
_SAID = ", ".join(column for column in _COLUMNS if column not in _STAMPED)
PRIVILEGES: dict[str, tuple[str, ...]] = {
    "activity_event": (*READ, f"INSERT ({_SAID})", "UPDATE (payload, salt, erased_by)"),
    "activity_origin": (*APPENDED, "UPDATE (address, user_agent)"),
    "activity_epoch": APPENDED,
    "activity_key": APPENDED,
    "activity_leaf": APPENDED,
    "activity_node": APPENDED,
    "activity_checkpoint": APPENDED,
    "activity_anchor": APPENDED,
    # Written by migrations alone. Whoever counts the administrators locks their group, and a lock
    # takes the right to update some column.
    "auth_group": (*READ, "UPDATE (id)"),
    "auth_group_permissions": READ,
    "auth_permission": READ,
    "django_content_type": READ,
    "django_migrations": READ,
}

# What a role can do that the application's should not: a sentence, and how the database tells.
# Whoever can make a table, be it a temporary one, can put it in front of the log's own.
_POWERS = """
SELECT power FROM pg_roles AS role, LATERAL (VALUES
    ('it is a superuser', rolsuper),
    ('it can make other roles', rolcreaterole),
    ('it belongs to other roles', EXISTS (SELECT FROM pg_auth_members WHERE member = role.oid)),
    ('it can switch triggers off',
     has_parameter_privilege(role.oid, 'session_replication_role', 'SET')),
    ('it owns tables of Annals', EXISTS (
        SELECT FROM pg_class WHERE oid = ANY(%(all)s::regclass[]) AND relowner = role.oid)),
    ('it owns functions of the guards', EXISTS (
        SELECT FROM pg_proc WHERE proname LIKE 'annals\\_%%' AND proowner = role.oid)),
    ('it can change or empty the log', EXISTS (
        SELECT FROM unnest(%(log)s::regclass[]) AS log
        WHERE has_table_privilege(role.oid, log, 'UPDATE, TRUNCATE, TRIGGER'))
     OR EXISTS (SELECT FROM unnest(%(kept)s::regclass[]) AS kept
        WHERE has_table_privilege(role.oid, kept, 'DELETE'))),
    ('it can choose where in the log an event stands',
     has_column_privilege(role.oid, 'activity_event', 'id', 'INSERT')),
    ('it can make tables', has_database_privilege(role.oid, current_database(), 'CREATE, TEMP')
     OR EXISTS (SELECT FROM pg_namespace WHERE has_schema_privilege(role.oid, oid, 'CREATE')))
) AS powers (power, held)
WHERE rolname = coalesce(%(role)s, current_user) AND held
AND (NOT rolsuper OR power = 'it is a superuser')
"""


def tables() -> dict[str, tuple[str, ...]]:
    """Return {table: what the application may do with it}, of all tables of Annals."""
    models = apps.get_models(include_auto_created=True)
    granted: dict[str, tuple[str, ...]] = {model._meta.db_table: ALL for model in models}
    for history in _histories():
        granted[history] = (*APPENDED, "DELETE")
    return dict(sorted((granted | PRIVILEGES).items()))


def excess(role: str | None = None) -> list[str]:
    """Return what a role can do that the application's should not, as parts of a sentence.

    Without a name it is the role of this connection. Raises ProgrammingError before `migrate`.
    """
    with connection.cursor() as cursor:
        kept = [table for table, (_read, *more) in PRIVILEGES.items() if "INSERT" in "".join(more)]
        names = {"all": list(tables()), "log": [*kept, *_histories()], "kept": kept}
        cursor.execute(_POWERS, names | {"role": role})
        return [power for (power,) in cursor.fetchall()]


def statements(role: str, database: str, schema: str) -> Iterator[sql.Composable]:
    """Yield the SQL that makes a role where it is missing, and gives it exactly what it needs."""
    names = {
        "role": sql.Identifier(role),
        "name": sql.Literal(role),
        "database": sql.Identifier(database),
        "schema": sql.Identifier(schema),
    }
    yield sql.SQL(
        "DO $annals$ BEGIN\n"
        "    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = {name}) THEN\n"
        "        CREATE ROLE {role} LOGIN;\n"
        "    END IF;\n"
        "END $annals$"
    ).format(**names)
    for text in (
        "REVOKE TEMPORARY ON DATABASE {database} FROM PUBLIC",
        "REVOKE ALL ON DATABASE {database} FROM {role}",
        "GRANT CONNECT ON DATABASE {database} TO {role}",
        "REVOKE CREATE ON SCHEMA {schema} FROM PUBLIC",
        "REVOKE ALL ON SCHEMA {schema} FROM {role}",
        "GRANT USAGE ON SCHEMA {schema} TO {role}",
        "REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM {role}",
        "REVOKE ALL ON ALL SEQUENCES IN SCHEMA {schema} FROM {role}",
    ):
        yield sql.SQL(text).format(**names)
    for table, rights in tables().items():
        yield sql.SQL("GRANT {rights} ON {table} TO {role}").format(
            rights=sql.SQL(", ".join(rights)), table=sql.Identifier(schema, table), **names
        )


def _histories() -> list[str]:
    return [model.history.model._meta.db_table for model in Tracked.__subclasses__()]
