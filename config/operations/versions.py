"""Which versions run."""

import tomllib
from functools import cache

from django.conf import settings


@cache
def version() -> str:
    """Return the version of Annals, as pyproject.toml has it."""
    with (settings.BASE_DIR / "pyproject.toml").open("rb") as file:
        return tomllib.load(file)["project"]["version"]
