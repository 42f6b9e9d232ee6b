"""Parts of files, as a client asks for them that goes on where a download broke off (RFC 9110)."""

import re
from typing import Any

from django.http import HttpRequest

ONE_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


class Stretch:
    """Bytes of a file from one place on, read as if they were all of it."""

    def __init__(self, content: Any, first: int, length: int) -> None:
        content.seek(first)
        self._content, self._left = content, length

    def read(self, size: int = -1) -> bytes:
        """Return up to that many of the bytes that are left, by default all."""
        wanted = self._left if size < 0 else min(size, self._left)
        data = self._content.read(wanted)
        self._left -= len(data)
        return data

    def close(self) -> None:
        """Close the file."""
        self._content.close()


def asked_stretch(request: HttpRequest, size: int, tag: str) -> tuple[int, int] | None:
    """Return the first and last byte that a request asks for of so many; None where none is there.

    All of it is answered to whoever asks for several parts, for something unreadable, or for a
    part of another file than the one of that `tag`.
    """
    everything = 0, size - 1
    asked = ONE_RANGE.fullmatch(request.headers.get("Range", ""))
    if asked is None or asked.groups() == ("", "") or request.headers.get("If-Range", tag) != tag:
        return everything
    first, last = asked.groups()
    if not first:  # the last so many bytes
        return (max(size - int(last), 0), size - 1) if int(last) and size else None
    if last and int(last) < int(first):
        return everything
    return (int(first), min(int(last or size - 1), size - 1)) if int(first) < size else None
