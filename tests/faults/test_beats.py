"""All that beat has done, by two workers at the same moment: nothing is done twice.

`python -m tests.faults.beats` runs two beats and two workers.
"""

from typing import Any

import pytest
from django.core import mail
from django.db import connection

from activity.models import ActivityExport
from config.celery import app
from contacts.models import Delivery, ImportRun
from tests.faults import beats
from tests.faults.scene import in_threads


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_do_nothing_twice(
    monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    for name in ("MAILS", "INVITATIONS", "READERS", "ROWS"):
        monkeypatch.setattr(beats, name, 5)
    monkeypatch.setattr(beats, "TERM", 0.001)
    settings.LEDGER_ANCHOR_EMAILS = [beats.AUDITOR]
    settings.INVITATION_DAYS = settings.INVITATION_DAYS  # put back at the end
    app.loader.import_default_modules()
    beats.prepare()
    nudged = [
        (f"{module}.tasks.{task}", str(pk))
        for module, task, model in (
            ("contacts", "deliver", Delivery),
            ("contacts", "run_import", ImportRun),
            ("activity", "run_export", ActivityExport),
        )
        for pk in model.objects.values_list("pk", flat=True)
    ]
    swept = [(entry["task"],) for entry in app.conf.beat_schedule.values()]

    def work(number: int) -> None:
        for task, *arguments in (*nudged, *swept):
            app.tasks[task].apply(arguments, throw=True)
        connection.close()

    in_threads(2, work)
    in_threads(2, work)  # for what one left to the other
    assert beats.tell([letter.message() for letter in mail.outbox]) == []
