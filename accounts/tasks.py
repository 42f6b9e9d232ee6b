"""What Celery runs for accounts."""

from celery import shared_task
from django.core.management import call_command


@shared_task
def clear_sessions() -> None:
    """Delete the sessions that are over (beat, daily): they say who signed in, and how."""
    call_command("clearsessions")
