"""The settings of where files lie."""

from pathlib import Path
from typing import Any

from environ import Env

FOLDER = "django.core.files.storage.FileSystemStorage"


def place_settings(env: Env, var: Path) -> dict[str, Any]:
    """Return the settings named below, from the environment; `var` is ANNALS_VAR.

    LEDGER_ANCHOR_FOLDER: where checkpoints of the log and notes of erasures are kept outside the
    database, best on another machine, and never restored together with it; by default
    ANNALS_VAR/anchors.
    STATIC_ROOT: where static files are collected; by default ANNALS_VAR/static.
    """
    anchors = env("LEDGER_ANCHOR_FOLDER", default="") or var / "anchors"
    return {
        "STATIC_ROOT": Path(env("STATIC_ROOT", default="") or var / "static"),
        "STORAGES": {
            "default": {"BACKEND": FOLDER, "OPTIONS": {"location": var / "files"}},
            "exports": {"BACKEND": FOLDER, "OPTIONS": {"location": var / "exports"}},
            # What must not be lost together with the database.
            "anchors": {"BACKEND": "config.anchors.AnchorFolder", "OPTIONS": {"location": anchors}},
            "staticfiles": {"BACKEND": "config.storage.StaticFilesStorage"},
        },
    }
