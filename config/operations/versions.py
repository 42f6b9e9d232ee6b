"""Which versions run, and whether the database is as they need it."""

import pkgutil
import platform
import tomllib
from functools import cache
from importlib import import_module
from importlib.util import find_spec

import django
from django.apps import apps
from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder


@cache
def version() -> str:
    """Return the version of Annals, as pyproject.toml has it."""
    with (settings.BASE_DIR / "pyproject.toml").open("rb") as file:
        return tomllib.load(file)["project"]["version"]


def postgresql_version() -> str:
    """Return the database's version, as 18.1."""
    return ".".join(map(str, divmod(connection.pg_version, 10_000)))


def versions() -> dict[str, str]:
    """Return the versions of Annals and of what it runs on."""
    return {
        "Annals": version(),
        "Python": platform.python_version(),
        "Django": django.__version__,
        "PostgreSQL": postgresql_version(),
    }


def waiting_migrations() -> list[str]:
    """Return which migrations of this version the database has not had, as "app.name"."""
    applied = MigrationRecorder(connection).applied_migrations()
    return sorted(f"{app}.{name}" for app, name in _known_migrations() - applied.keys())


@cache
def _known_migrations() -> frozenset[tuple[str, str]]:
    """Return the migrations that come with the apps, by their files: reading them takes longer."""
    found = set()
    for app in apps.get_app_configs():
        module, _is_set = MigrationLoader.migrations_module(app.label)
        if not app.models_module or not module or not find_spec(module):
            continue
        names = pkgutil.iter_modules(import_module(module).__path__)
        found |= {(app.label, each.name) for each in names if each.name[0] not in "_~"}
    return frozenset(found)
