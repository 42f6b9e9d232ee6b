"""What Celery runs for contacts; the models do the work."""

from celery import shared_task

from contacts.models import DeletedContact, ImportRun


@shared_task
def run_import(run_id: str) -> None:
    """Import what is left of a run; one that is gone or over is no error."""
    for run in ImportRun.objects.filter(pk=run_id):
        run.run()


@shared_task
def sweep_imports() -> None:
    """Pick up the imports whose worker died or whose message got lost (beat, twice a minute)."""
    ImportRun.sweep()


@shared_task
def forget_deleted_names() -> None:
    """Erase the names of deleted contacts whose DELETED_NAME_DAYS are over (beat, daily)."""
    DeletedContact.objects.forget_names()
