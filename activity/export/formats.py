"""The formats an export can have.

Each is a class made with whether client addresses and browsers belong into the file. It has a
`content_type`, and writes the file in pieces that follow each other, as UTF-8: `head()`, `lines()`
of some records any number of times, `tail()` with the newest checkpoint and how many events.
"""

from activity.export.ndjson import Ndjson
from activity.export.spreadsheet import Spreadsheet

FORMATS: dict[str, type[Ndjson] | type[Spreadsheet]] = {"ndjson": Ndjson, "csv": Spreadsheet}
