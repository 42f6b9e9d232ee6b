"""What Celery runs for contacts; the models do the work."""

from uuid import UUID

from celery import shared_task

from contacts import duplicates, mail
from contacts.models import (
    BulkRun,
    CommentFile,
    DeletedContact,
    Delivery,
    ImportFailure,
    ImportRun,
    Invitation,
)


@shared_task
def run_import(run_id: str) -> None:
    """Import what is left of a run; one that is gone or over is no error."""
    for run in ImportRun.objects.filter(pk=run_id):
        run.run()


@shared_task
def deliver(delivery_id: str) -> None:
    """Send one mail of the outbox, if it is due and nobody else does."""
    mail.deliver(UUID(delivery_id))


@shared_task
def sweep_deliveries() -> None:
    """Find the mail that a lost broker or worker left behind (beat, every 10 seconds)."""
    Delivery.objects.sweep()


@shared_task
def expire_invitations() -> None:
    """Note the invitations whose term is over (beat, every minute)."""
    Invitation.objects.expire_due()


@shared_task
def sweep_imports() -> None:
    """Pick up the imports whose worker died or whose message got lost (beat, twice a minute)."""
    ImportRun.sweep()


@shared_task
def forget_deleted_names() -> None:
    """Erase the names of deleted contacts whose DELETED_NAME_DAYS are over (beat, daily)."""
    DeletedContact.objects.forget_names()


@shared_task
def forget_old_input() -> None:
    """Empty rows that were not imported, and what bulk actions were given (beat, daily)."""
    ImportFailure.objects.forget_old()
    BulkRun.objects.forget_old()


@shared_task
def sweep_comment_files() -> None:
    """Delete what comments carried that stay deleted (beat, every ten minutes)."""
    CommentFile.objects.discard()


@shared_task
def run_bulk(run_id: str) -> None:
    """Do what is left of a bulk action; one that is gone or over is no error."""
    for run in BulkRun.objects.filter(pk=run_id).defer("contact_ids"):
        run.run()


@shared_task
def sweep_bulk_runs() -> None:
    """Pick up the bulk actions whose worker died (beat, twice a minute)."""
    BulkRun.sweep()


@shared_task
def sweep_duplicates() -> None:
    """Look whether new and changed contacts are known already (beat, every minute)."""
    duplicates.sweep()
