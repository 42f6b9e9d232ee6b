"""The tables, as each test is to find them: empty."""

from django.db import connection, transaction


def empty_tables() -> None:
    """Empty all tables but those that `migrate` fills, with their guards lifted meanwhile.

    The guards stand again before anybody else can see the tables: all is one transaction.
    """
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
