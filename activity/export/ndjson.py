"""Events as NDJSON: one object on each line, complete, for programs and for proof.

The names are those of the leaf (activity/leaf.py), so that its hash can be computed from a line.
The last line is no event: it holds the newest checkpoint of the log, how many events there are
above it, and by being there that the file is whole.
"""

from collections.abc import Iterable
from functools import cache
from typing import Any

import orjson

from activity.export.records import Record
from activity.log.filters import LABELS

_LINE = orjson.OPT_APPEND_NEWLINE


class Ndjson:
    """Writes events as NDJSON; `with_client` adds the address and browser each came from."""

    content_type = "application/x-ndjson"

    def __init__(self, with_client: bool) -> None:
        self.with_client = with_client
        self._label = cache(lambda verb: str(LABELS.get(verb, verb)))

    def head(self) -> bytes:
        """Return what stands above the events: nothing."""
        return b""

    def lines(self, records: Iterable[Record]) -> bytes:
        """Return a line for each record."""
        return b"".join(orjson.dumps(self._told(each), option=_LINE) for each in records)

    def tail(self, checkpoint: str, count: int) -> bytes:
        """Return the last line; `checkpoint` is a signed note, empty before there is one."""
        return orjson.dumps({"checkpoint": checkpoint or None, "events": count}, option=_LINE)

    def _told(self, record: Record) -> dict[str, Any]:
        epoch, _slash, index = (record.leaf or "").partition("/")
        told = {
            "number": record.number,
            "uid": record.uid,
            "verb": record.verb,
            "label": self._label(record.verb),
            "v": record.version,
            "occurred": f"{record.occurred.isoformat(timespec='microseconds')[:26]}Z",
            "recorded": f"{record.recorded.isoformat(timespec='microseconds')[:26]}Z",
            "actor": {"type": record.actor_type, "id": record.actor},
            "object": {"type": record.object_type, "id": record.object},
            "contact": record.contact,
            "origin": record.origin,
            "source": record.source,
            "payload": orjson.Fragment(record.payload) if record.payload else None,
            "erased_by": record.erased_by,
            "commitment": bytes(record.commitment).hex(),
            "leaf": {"epoch": int(epoch), "index": int(index)} if index else None,
        }
        if self.with_client:
            told["client"] = orjson.Fragment(record.client) if record.client else None
        return told
