"""Notes when imports begin, and when imports and bulk actions are over."""

from typing import Any

from django.dispatch import receiver

from activity.context import Context
from activity.recording import Draft, write
from contacts.models import BulkRun, bulk_finished
from contacts.models.importing import ImportRun, import_finished, import_started


@receiver(import_started)
def start_import(sender: type[ImportRun], run: ImportRun, **kwargs: Any) -> None:
    """Note that somebody started an import."""
    payload = {"file": run.name, "total": run.total}
    write([Draft("import.started", "import", run.pk, None, payload)])


@receiver(import_finished)
def finish_import(sender: type[ImportRun], run: ImportRun, **kwargs: Any) -> None:
    """Note that an import is over, and what came of it."""
    write([draft_of_import(run)])


@receiver(bulk_finished)
def finish_bulk(sender: type[BulkRun], run: BulkRun, **kwargs: Any) -> None:
    """Note that a bulk action is over, and what came of it."""
    counts = {name: getattr(run, name) for name in ("total", "acted", "skipped", "failed")}
    payload = {"action": str(run.kind.label), "state": run.state, **counts}
    write([Draft("bulk.finished", "bulk", run.pk, None, payload)])


def draft_of_import(run: ImportRun, context: Context | None = None) -> Draft:
    """Return the event of an import that is over."""
    counts = {name: getattr(run, name) for name in ("created", "skipped", "failed")}
    payload = {"file": run.name, "state": run.state, **counts}
    return Draft("import.finished", "import", run.pk, None, payload, context=context)
