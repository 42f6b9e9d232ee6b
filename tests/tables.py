"""The tables, as each test is to find them: empty."""

from django.db import OperationalError, connection, transaction
from psycopg.errors import DeadlockDetected


def empty_tables() -> None:
    """Empty all tables but those that `migrate` fills, with their guards lifted meanwhile.

    The guards stand again before anybody else can see the tables: all is one transaction. A server
    may still answer a page that a browser has left: where they wait for each other, this comes
    after that.
    """
    while True:
        try:
            return _empty()
        except OperationalError as error:
            if not isinstance(error.__cause__, DeadlockDetected):
                raise


def _empty() -> None:
    filled = (
        *("django_migrations", "django_content_type"),
        *("auth_group", "auth_permission", "auth_group_permissions"),
    )
    tables = sorted(set(connection.introspection.table_names()) - set(filled))
    with transaction.atomic(), connection.cursor() as cursor:
        probes = (f"SELECT '{table}' WHERE EXISTS (SELECT FROM {table})" for table in tables)
        cursor.execute(" UNION ALL ".join(probes))
        used = [table for (table,) in cursor.fetchall()]
        cursor.execute(
            "SELECT tgrelid::regclass::text, tgname FROM pg_trigger"
            " WHERE tgenabled = 'A' AND tgrelid::regclass::text = ANY(%s)",
            [used],
        )
        guards = cursor.fetchall()
        cursor.execute("SET LOCAL session_replication_role = replica")  # the order does not matter
        for table, guard in guards:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {guard}")
        for table in used:
            cursor.execute(f"DELETE FROM {table}")
        for table, guard in guards:
            cursor.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {guard}")
