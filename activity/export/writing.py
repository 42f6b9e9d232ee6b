"""Writes the file of an export, from wherever it stopped."""

import logging
from dataclasses import replace
from zoneinfo import ZoneInfo

from django.db import OperationalError, connection, transaction
from django.http import QueryDict
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from activity.export.events import draft_of_export
from activity.export.formats import FORMATS
from activity.export.parts import HEAD, TAIL
from activity.export.records import batches, count, newest
from activity.log import LogFilters
from activity.models import ActivityExport, Checkpoint
from activity.recording import write as record
from contacts.ending import ending
from contacts.models.lease import held

logger = logging.getLogger(__name__)

AT_ONCE = 5_000  # events that are written while somebody waits
COUNTING_MS = 1_000  # what takes longer to count is a worker's


def filters_of(export: ActivityExport) -> LogFilters:
    """Return what was asked for, with the rights that were there then."""
    filters = LogFilters.read(QueryDict(export.query), export.made_by)
    return replace(filters, sees_private=export.complete)


def is_small(filters: LogFilters) -> bool:
    """Tell whether so few events were asked for that they can be written at once."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(COUNTING_MS)])
            counted = count(filters, newest(), AT_ONCE + 1)
            cursor.execute("SET LOCAL statement_timeout TO DEFAULT")
    except OperationalError:
        return False
    return counted <= AT_ONCE


def write(export: ActivityExport) -> None:
    """Write what is left of it, until it is finished or stopped; nothing where another one does.

    A worker that is asked to end stops after the next part.
    """
    maker = export.made_by
    zone, language = ZoneInfo(maker.time_zone), maker.language
    with held(export.pk) as ours, timezone.override(zone), translation.override(language):
        try:
            # Not finished, and still active: it has to start anew.
            while ours and export.claim() and not _write(export):
                continue
            if ours and not export.file:
                export.parts.delete()  # what was on its way when it was stopped
        except OSError:
            logger.exception("The file of export %s cannot be written", export.pk)
            export.fail(_("The file could not be written. Tell an administrator, then try again."))


def _write(export: ActivityExport) -> bool:
    filters, parts = filters_of(export), export.parts
    writer = FORMATS[export.format](export.complete)
    if not export.cursor and not _begin(export, filters, writer.head()):
        return False
    rest = batches(filters, after=export.cursor, upto=export.ceiling, with_client=export.complete)
    for records in rest:
        parts.put(export.cursor, writer.lines(records))
        if not export.advance(len(records), records[-1].number):
            return False
        if ending.is_set():
            return True
    sealed = Checkpoint.objects.order_by("-epoch", "-size").first()
    checkpoint = sealed.note if sealed else ""
    parts.put(TAIL, writer.tail(checkpoint, export.done))
    size, sha256 = parts.measure()
    with transaction.atomic():
        if not export.finish(size=size, sha256=sha256, checkpoint=checkpoint):
            return False
        record([draft_of_export(export, filters)])
    return True


def _begin(export: ActivityExport, filters: LogFilters, head: bytes) -> bool:
    """Fix which events belong to it: all that were there, whatever is written down meanwhile."""
    ceiling = newest()
    total = count(filters, ceiling)
    export.parts.delete()  # what a worker may have left that had to start anew
    export.parts.put(HEAD, head)
    return export.begin(ceiling, total)
