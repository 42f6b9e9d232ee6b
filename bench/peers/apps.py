"""The app of everybody but Annals, and what its tables need before they can be made."""

from typing import Any

from annals_columns import SQL
from django.apps import AppConfig
from django.db import connection
from django.db.models.signals import pre_migrate


class PeersConfig(AppConfig):
    """An app without migrations: its tables are made at once."""

    name = "bench.peers"

    def ready(self) -> None:
        """Have the functions made that the generated columns need; let the library do its part."""
        pre_migrate.connect(_make_functions, sender=self)
        getattr(self.models_module.LIBRARY, "ready", lambda: None)()


def _make_functions(**_: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(SQL)
