"""Is each tracked row what its newest recorded version says, and is its history whole?"""

from collections.abc import Iterator

from django.db import connection

from activity.erasure import RECEIPTS
from activity.ledger.verification.findings import Finding
from contacts.models import Tracked

# Each names the newest event about its row, so that a finding leads somewhere. A row that is not
# like each version of its number or above is looked at closely: joining them is much quicker than
# finding the newest version of each.
_ROWS = """
COPY (
    SELECT (SELECT max(id) FROM activity_event WHERE object_id = stored.id),
           stored.id, newest.version, concat_ws(', ', {differing})
    FROM {table} AS stored LEFT JOIN LATERAL (
        SELECT * FROM {history} AS version WHERE version.id = stored.id
        ORDER BY version.version DESC, history_id DESC LIMIT 1
    ) AS newest ON true
    WHERE stored.id IN (
        SELECT stored.id FROM {table} AS stored LEFT JOIN {history} AS newest
        ON newest.id = stored.id AND newest.version >= stored.version
        WHERE newest.id IS NULL OR ROW({of_row}) IS DISTINCT FROM ROW({of_version})
    ) AND (newest.id IS NULL OR ROW({of_row}) IS DISTINCT FROM ROW({of_version}))
) TO STDOUT
"""
_VERSIONS = """
COPY (
    SELECT (SELECT max(id) FROM activity_event WHERE object_id = kept.id),
           id, count, least, greatest FROM (
        SELECT id, count(*), min(version) AS least, max(version) AS greatest
        FROM {history} GROUP BY id
    ) AS kept WHERE least <> 1 OR greatest <> count
) TO STDOUT
"""
# Whoever takes a row out, and its versions with it, leaves its events behind.
_GONE = """
COPY (
    SELECT max(event.id), object_type, object_id FROM activity_event AS event
    WHERE object_type IN ({nouns}) AND object_id IS NOT NULL
    AND payload IS NOT NULL AND verb NOT IN ({receipts})
    AND NOT EXISTS (SELECT FROM ({rows}) AS stored (id) WHERE stored.id = object_id)
    GROUP BY object_type, object_id ORDER BY 1
) TO STDOUT
"""


def check_drift() -> Iterator[Finding]:
    """Yield a finding for each tracked row that was changed, or is gone, past the log."""
    tracked = Tracked.__subclasses__()
    for model in tracked:
        yield from _check(model)
    names = {
        "nouns": ", ".join(f"'{model.noun}'" for model in tracked),
        "receipts": ", ".join(f"'{verb}'" for verb in (*RECEIPTS, "privacy.erased")),
        "rows": " UNION ALL ".join(
            f"SELECT id FROM {model._meta.db_table}"  # noqa: S608 - names of our own
            for model in tracked
        ),
    }
    for event, noun, row in _lines(_GONE.format(**names)):
        yield Finding("drift", _id(event), f"{noun} {row}, which was not deleted; it is gone")


def _check(model: type[Tracked]) -> Iterator[Finding]:
    noun, history = model.noun, model.history.model
    columns = [f.column for f in history.tracked_fields if not f.primary_key]
    names = {
        "table": model._meta.db_table,
        "history": history._meta.db_table,
        "of_row": ", ".join(f"stored.{column}" for column in columns),
        "of_version": ", ".join(f"newest.{column}" for column in columns),
        "differing": ", ".join(
            f"CASE WHEN stored.{column} IS DISTINCT FROM newest.{column} THEN '{column}' END"
            for column in columns
        ),
    }
    for event, row, version, differing in _lines(_ROWS.format(**names)):
        if version:
            text = f"{noun} {row} as its version {version} has it, in {differing}"
        else:
            text = f"a version of {noun} {row}; it has none"
        yield Finding("drift", _id(event), text)
    for event, row, count, first, last in _lines(_VERSIONS.format(**names)):
        text = f"one version each of {noun} {row} from 1 on; there are {count}, {first} to {last}"
        yield Finding("history", _id(event), text)


def _lines(query: str) -> Iterator[list[str]]:
    with connection.cursor() as cursor, cursor.copy(query) as stream:
        for line in stream:
            columns = bytes(line).decode().rstrip("\n").split("\t")
            yield ["" if column == "\\N" else column for column in columns]


def _id(event: str) -> int | None:
    return int(event) if event else None
