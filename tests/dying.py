"""A worker that is killed in the middle of its work."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from django.db import connection
from django.db.models import Model

PROGRAM = """
import os, signal, sys
sys.path.insert(0, {folder!r})
from django.conf import settings
settings.DATABASES["default"]["NAME"] = {database!r}
import django
django.setup()
from django.apps import apps
from django.utils.module_loading import import_string
seen = 0
def die(sender, **told):
    global seen
    seen += len(told.get("changes") or told.get("contact_ids") or [told])
    if seen > {after}:
        os.kill(os.getpid(), signal.SIGKILL)
import_string({announced!r}).connect(die, sender=apps.get_model({sender!r}))
apps.get_model({run!r}).objects.get(pk={pk!r}).run()
"""


def die_in(run: Any, announced: str, sender: type[Model], after: int) -> None:
    """Have a process of its own run a run, and be killed within a transaction.

    That is once the signal `announced`, named with its module, has told of more than `after` rows
    of `sender`.
    """
    program = PROGRAM.format(
        folder=str(Path.cwd()),
        database=connection.settings_dict["NAME"],
        after=after,
        announced=announced,
        sender=sender._meta.label,
        run=run._meta.label,
        pk=str(run.pk),
    )
    died = subprocess.run([sys.executable, "-c", program], env=os.environ, check=False)
    assert died.returncode == -signal.SIGKILL
    run.refresh_from_db()
