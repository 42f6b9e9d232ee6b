"""The Celery application: `celery -A config.celery worker` and `beat`; all that is set of it."""

import os
from typing import Any

from celery import Celery, signals
from celery.schedules import crontab
from kombu import Queue

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")


def every(task: str, *, seconds: int) -> dict[str, Any]:
    """Return the schedule of a task; what waited for six rounds without a worker is let go."""
    return {"task": task, "schedule": seconds, "options": {"expires": 6 * seconds}}


app = Celery("annals")
app.config_from_object("django.conf:settings", namespace="CELERY")  # the broker's address
app.conf.update(
    imports=("config.health", "config.observing"),  # note that workers live, and what they do
    task_ignore_result=True,
    task_acks_late=True,
    worker_prefetch_multiplier=1,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,  # for ever: a worker never leaves by itself
    # The database is the outbox, the queue only a nudge: a publish may fail, but never hang.
    task_publish_retry=False,
    broker_transport_options={
        "socket_connect_timeout": 2,  # seconds
        "socket_timeout": 3,  # seconds; a waiting worker asks anew each second
        "max_retries": 0,
    },
    # A sweep does not wait behind what it would find, nor anything behind mails that cannot leave:
    # workers take turns with the queues.
    task_default_queue="celery",
    task_queues=[Queue("celery"), Queue("mail"), Queue("sweeps")],
    task_routes={
        "*.tasks.sweep_*": {"queue": "sweeps"},
        "accounts.tasks.send_notice": {"queue": "mail"},
        "contacts.tasks.deliver": {"queue": "mail"},
    },
    beat_scheduler="config.schedule:Schedule",
    beat_schedule={
        "sweep-imports": every("contacts.tasks.sweep_imports", seconds=30),
        "sweep-bulk-runs": every("contacts.tasks.sweep_bulk_runs", seconds=30),
        "sweep-duplicates": every("contacts.tasks.sweep_duplicates", seconds=60),
        "sweep-comment-files": every("contacts.tasks.sweep_comment_files", seconds=600),
        "sweep-exports": every("activity.tasks.sweep_exports", seconds=30),
        "sweep-deliveries": every("contacts.tasks.sweep_deliveries", seconds=10),
        "sweep-digests": every("activity.tasks.sweep_digests", seconds=60),
        "sweep-pending": every("activity.tasks.sweep_pending", seconds=10),
        "look-after-ledger": every("activity.tasks.look_after_ledger", seconds=300),
        "verify-ledger": every("activity.tasks.verify_ledger", seconds=60),
        "expire-invitations": every("contacts.tasks.expire_invitations", seconds=60),
        "forget-deleted-names": {
            "task": "contacts.tasks.forget_deleted_names",
            "schedule": crontab(hour=3, minute=10),  # daily, in UTC
        },
        "forget-old-input": {
            "task": "contacts.tasks.forget_old_input",
            "schedule": crontab(hour=3, minute=15),
        },
        "forget-clients": {
            "task": "activity.tasks.forget_clients",
            "schedule": crontab(hour=3, minute=20),
        },
        "keep-erasure-notes": {
            "task": "activity.tasks.keep_erasure_notes",
            "schedule": crontab(hour=3, minute=30),
        },
        "forget-old-notifications": {
            "task": "activity.tasks.forget_old_notifications",
            "schedule": crontab(hour=3, minute=35),
        },
        "expire-exports": {
            "task": "activity.tasks.expire_exports",
            "schedule": crontab(hour=3, minute=30),
        },
        "clear-sessions": {
            "task": "accounts.tasks.clear_sessions",
            "schedule": crontab(hour=3, minute=40),
        },
    },
)
app.autodiscover_tasks()


@signals.setup_logging.connect
def keep_logging(**kwargs: Any) -> None:
    """Leave logging as Django's LOGGING has set it up: being heard is all Celery asks."""
