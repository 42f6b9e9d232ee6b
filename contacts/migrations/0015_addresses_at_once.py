"""Indexes of addresses into which new ones are put at once: what waits is slow to look through."""

import django.contrib.postgres.indexes
from django.db import migrations

COLUMNS = ("emails", "phones", "external_ids")


def change(column: str) -> migrations.SeparateDatabaseAndState:
    """Return the change of a column's index, in which it is not built anew."""
    name = f"contact_{column}"
    index = django.contrib.postgres.indexes.GinIndex(fields=[column], name=name, fastupdate=False)
    return migrations.SeparateDatabaseAndState(
        database_operations=[
            migrations.RunSQL(
                f"ALTER INDEX {name} SET (fastupdate = off);"
                f" SELECT gin_clean_pending_list('{name}')",
                f"ALTER INDEX {name} RESET (fastupdate)",
            )
        ],
        state_operations=[
            migrations.RemoveIndex(model_name="contact", name=name),
            migrations.AddIndex(model_name="contact", index=index),
        ],
    )


class Migration(migrations.Migration):
    dependencies = [("contacts", "0014_bulk_merged")]

    operations = [change(column) for column in COLUMNS]
