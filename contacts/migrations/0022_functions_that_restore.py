"""A dump can be restored: functions that columns are made of find each other by themselves.

Where pg_restore fills the tables, no schema is searched for names: `annals_sort_name` would not find
`annals_fold`. In a body of standard SQL, names are looked up when the function is made. Bodies and
results stay what they are, so that no row is written anew.
"""

from django.db import migrations

BIND = """
DO $annals$
DECLARE made record;
BEGIN
    FOR made IN
        SELECT oid, proname, prosrc FROM pg_proc
        WHERE proname IN ('annals_query', 'annals_search', 'annals_sort_name')
        AND pronamespace = current_schema()::regnamespace AND prosqlbody IS NULL
    LOOP
        EXECUTE format(
            'CREATE OR REPLACE FUNCTION %I(%s) RETURNS %s LANGUAGE sql IMMUTABLE PARALLEL SAFE '
            'BEGIN ATOMIC %s; END',
            made.proname, pg_get_function_arguments(made.oid), pg_get_function_result(made.oid),
            made.prosrc);
    END LOOP;
END $annals$
"""


class Migration(migrations.Migration):
    """Give three functions a body that names what it uses."""

    dependencies = [("contacts", "0021_attention")]

    operations = [migrations.RunSQL(BIND, migrations.RunSQL.noop)]
