"""A mail server that takes connections and then says nothing: mails wait, and nothing else does."""

import time
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path

import pytest
from celery import current_app

from activity.models import Checkpoint
from contacts.models import Delivery
from tests.contacts.outbox import ana, message, mia
from tests.faults.outbox import Processes
from tests.faults.smtp_server import MoodyServer, Says

MAILS = 12
PROMPTLY = 90  # seconds, on a busy machine; of EMAIL_TIMEOUT there are 600


def soon(true: Callable[[], bool]) -> bool:
    """Wait until that is true; return whether it became so promptly."""
    end = time.monotonic() + PROMPTLY
    while not (is_true := true()) and time.monotonic() < end:
        time.sleep(0.05)
    return is_true


def under_way() -> int:
    return Delivery.objects.filter(state="sending").count()


@pytest.mark.django_db(transaction=True)
def test_the_log_is_sealed_while_mails_wait_for_a_server_that_hangs(tmp_path: Path) -> None:
    contact, author = ana(), mia()
    for _ in range(MAILS):
        message(contact, author=author)
    with MoodyServer({"connect": Says(then="silence")}).running() as port:
        processes = Processes.of_tests(
            tmp_path,
            WORKER_CONCURRENCY="4",
            EMAIL_URL=f"smtp://127.0.0.1:{port}",
            EMAIL_TIMEOUT="600",
            ANNALS_LEDGER_KEY=b64encode(bytes(32)).decode(),
            LEDGER_ANCHOR_FOLDER=str(tmp_path),
        )
        processes.start("worker")
        try:
            assert soon(lambda: under_way() == 2)
            current_app.send_task("activity.tasks.sweep_pending")
            assert soon(Checkpoint.objects.exists)
            assert under_way() == 2
        finally:
            processes.kill_all()
    assert Delivery.objects.queued().count() == MAILS - 2
