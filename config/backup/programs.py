"""PostgreSQL's own programs, found and run so that no password shows in a list of processes."""

import os
import re
import shutil
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.db import connection

from config import embedded
from config.backup.problem import Problem
from config.embedded import postgres

# Where libpq reads in the environment what Django keeps among the options of a database.
VARIABLES = {
    "application_name": "PGAPPNAME",
    "channel_binding": "PGCHANNELBINDING",
    "gssencmode": "PGGSSENCMODE",
    "options": "PGOPTIONS",
    "passfile": "PGPASSFILE",
    "service": "PGSERVICE",
    "sslcert": "PGSSLCERT",
    "sslcrl": "PGSSLCRL",
    "sslkey": "PGSSLKEY",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "target_session_attrs": "PGTARGETSESSIONATTRS",
}
PLACE = {
    "HOST": "PGHOST",
    "PORT": "PGPORT",
    "USER": "PGUSER",
    "PASSWORD": "PGPASSWORD",
    "NAME": "PGDATABASE",
}


def found(name: str, major: int) -> Path:
    """Return the program of that name, of that version of PostgreSQL or a newer one.

    It is the one on the PATH, else the one that comes with the embedded PostgreSQL. Raises Problem
    where there is none: an older one does not understand the database.
    """
    places = [Path(each)] if (each := shutil.which(name)) else []
    with suppress(embedded.Unavailable):
        places.append(postgres.programs_folder() / name)
    for place in places:
        if _major(place) >= major:
            return place
    versions = ", ".join(f"{place} is of {_major(place)}" for place in places) or "there is none"
    raise Problem(
        f"{name} of PostgreSQL {major} or newer is needed, and {versions}: install the package "
        f"postgresql-client-{major}, or put the folder of its programs on the PATH."
    )


def environment() -> dict[str, str]:
    """Return the environment in which PostgreSQL's programs find the database."""
    wanted: dict[str, Any] = connection.settings_dict
    options = wanted.get("OPTIONS", {})
    given = {variable: wanted.get(name) for name, variable in PLACE.items()}
    given |= {variable: options.get(name) for name, variable in VARIABLES.items()}
    here = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return here | {name: str(value) for name, value in given.items() if value} | {"LC_ALL": "C"}


def reason(error: bytes) -> str:
    """Return the first error that a program named."""
    lines = [line for line in error.decode(errors="replace").splitlines() if "error:" in line]
    return (lines or ["it gave no reason"])[0].strip()


def _major(program: Path) -> int:
    asked = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    version = re.search(r"\) (\d+)", asked.stdout)
    return int(version[1]) if version else 0
