"""The settings of the log's proof, and of how long what is personal stays beside it."""

from pathlib import Path
from typing import Any

from environ import Env


def ledger_settings(env: Env, var: Path) -> dict[str, Any]:
    """Return the settings named below, from the environment; `var` is ANNALS_VAR.

    ANNALS_LEDGER_KEY: the seed of the key that signs the log (Ed25519, 32 bytes in base64), or the
    path of a file that holds it. With the embedded database it is made on first use; a deployment
    names its own, without which nothing is sealed.
    LEDGER_ANCHOR_EMAILS: addresses that are mailed the newest checkpoint of the log each day.
    DELETED_NAME_DAYS: days for which a deletion receipt still shows the name; 0 = not at all.
    ORIGIN_DAYS: days for which client addresses and browsers are kept.
    IMPORT_FAILURE_DAYS: days for which the rows of a file that could not be imported are kept.
    MERGE_UNDO_DAYS: days for which the merge of two contacts can be undone.
    EXPORT_DAYS: days for which a finished export can be downloaded.
    """
    embedded = not env("DATABASE_URL", default="")
    return {
        "ANNALS_LEDGER_KEY": env("ANNALS_LEDGER_KEY", default="")
        or (str(var / "ledger.key") if embedded else ""),
        "LEDGER_ANCHOR_EMAILS": env.list("LEDGER_ANCHOR_EMAILS", default=[]),
        "DELETED_NAME_DAYS": env.int("DELETED_NAME_DAYS", default=30),
        "ORIGIN_DAYS": env.int("ORIGIN_DAYS", default=365),
        "IMPORT_FAILURE_DAYS": env.int("IMPORT_FAILURE_DAYS", default=90),
        "MERGE_UNDO_DAYS": env.int("MERGE_UNDO_DAYS", default=30),
        "EXPORT_DAYS": env.int("EXPORT_DAYS", default=7),
    }
