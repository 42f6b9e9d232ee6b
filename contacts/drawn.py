"""Keeps what was drawn in the process, up to a number of bytes."""

import sys
import threading
from collections import OrderedDict
from collections.abc import Hashable

from django.utils.safestring import SafeString

# Bytes in each web process: about 5,000 rows of timelines, and half as much again for their keys.
KEPT = 6 * 1024 * 1024


class Drawn:
    """The rows, or parts of pages, that were asked for last, by all that they depend on."""

    def __init__(self) -> None:
        self._rows: OrderedDict[Hashable, SafeString] = OrderedDict()
        self._size = 0  # bytes
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> SafeString | None:
        """Return a row, None where it is not kept."""
        with self._lock:
            if (html := self._rows.get(key)) is not None:
                self._rows.move_to_end(key)
            return html

    def keep(self, key: Hashable, html: SafeString) -> SafeString:
        """Keep a row, and let go those that nobody asked for longest. Returns the row."""
        with self._lock:
            if (known := self._rows.pop(key, None)) is not None:
                self._size -= sys.getsizeof(known)
            self._rows[key] = html
            self._size += sys.getsizeof(html)
            while self._size > KEPT:
                self._size -= sys.getsizeof(self._rows.popitem(last=False)[1])
        return html

    def clear(self) -> None:
        """Keep none of them."""
        with self._lock:
            self._rows.clear()
            self._size = 0
