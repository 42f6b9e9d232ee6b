"""What Celery runs for accounts."""

from typing import Any

from celery import shared_task
from django.core.management import call_command

from accounts import notices


@shared_task
def clear_sessions() -> None:
    """Delete the sessions that are over (beat, daily): they say who signed in, and how."""
    call_command("clearsessions")


@shared_task(
    autoretry_for=(OSError,),
    retry_backoff=60,  # seconds, then twice as many each time
    retry_backoff_max=600,
    retry_jitter=False,
    max_retries=10,
)
def send_notice(**told: Any) -> None:
    """Tell somebody what has changed about the ways into the account: for an hour, if need be."""
    notices.send(**told)
