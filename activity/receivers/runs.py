"""Notes when imports begin, and when imports and bulk actions are over or taken back."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Q
from django.dispatch import receiver
from django.utils.translation import override

from activity.context import Context
from activity.models import ActivityEvent
from activity.recording import Draft, write
from contacts.models import BulkRun, bulk_finished
from contacts.models.import_reverting import acted_on_asked, import_reverted
from contacts.models.importing import ImportRun, import_finished, import_started


@receiver(import_started)
def start_import(sender: type[ImportRun], run: ImportRun, **kwargs: Any) -> None:
    """Note that somebody started an import."""
    payload = {"file": run.name, "total": run.total, "existing": run.existing}
    write([Draft("import.started", "import", run.pk, None, payload)])


@receiver(import_finished)
def finish_import(sender: type[ImportRun], run: ImportRun, **kwargs: Any) -> None:
    """Note that an import is over, and what came of it."""
    write([draft_of_import(run)])


@receiver(acted_on_asked)
def find_acted_on(
    sender: type[ImportRun], run: ImportRun, contact_ids: Collection[UUID], **kwargs: Any
) -> set[UUID]:
    """Return with which of these contacts anything has happened but that this import added them."""
    events = ActivityEvent.objects.filter(contact_id__in=contact_ids)
    added = Q(verb="contact.imported", payload__contains={"import": str(run.pk)})
    return set(events.exclude(added).order_by().values_list("contact_id", flat=True))


@receiver(import_reverted)
def revert_import(sender: type[ImportRun], run: ImportRun, **kwargs: Any) -> None:
    """Note that an import was taken back, and how much of it."""
    payload = {"file": run.name, "removed": run.removed, "kept": run.kept}
    write([Draft("import.reverted", "import", run.pk, None, payload)])


@receiver(bulk_finished)
def finish_bulk(sender: type[BulkRun], run: BulkRun, **kwargs: Any) -> None:
    """Note that a bulk action is over, and what came of it; its name is translated when shown."""
    counts = {name: getattr(run, name) for name in ("total", "acted", "skipped", "failed")}
    with override(settings.LANGUAGE_CODE):
        payload = {"action": str(run.kind.label), "state": run.state, **counts}
    write([Draft("bulk.finished", "bulk", run.pk, None, payload)])


def draft_of_import(run: ImportRun, context: Context | None = None) -> Draft:
    """Return the event of an import that is over."""
    counts = {name: getattr(run, name) for name in ("created", "updated", "skipped", "failed")}
    payload = {"file": run.name, "state": run.state, **counts}
    return Draft("import.finished", "import", run.pk, None, payload, context=context)
