"""Opens an uploaded file as lines of text, whatever its encoding."""

import codecs
import io
from collections.abc import Iterator
from typing import IO

from django.utils.translation import gettext as _

_CHUNK = 64 * 1024  # bytes
_BYTE_ORDER_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
# Bytes that mean nothing in Windows-1252: a file that has one is read as Latin-1.
_NOT_WINDOWS = frozenset(b"\x81\x8d\x8f\x90\x9d")


class UnreadableFile(Exception):
    """The file as a whole cannot be imported; the message tells its owner why."""


def encoding_of(file: IO[bytes]) -> str:
    """Return the name of the codec that reads the whole file.

    A byte order mark decides, then UTF-16 by its zero bytes, then whether all of it is UTF-8;
    what is left is Windows-1252, the encoding of most old address books.
    """
    file.seek(0)
    head = file.read(_CHUNK)
    for mark, encoding in _BYTE_ORDER_MARKS.items():
        if head.startswith(mark):
            return encoding
    if head.count(0) > len(head) // 4:
        return "utf-16-le" if head[1::2].count(0) > head[0::2].count(0) else "utf-16-be"
    decoder = codecs.getincrementaldecoder("utf-8")()
    utf8 = windows = True
    while head:
        windows = windows and _NOT_WINDOWS.isdisjoint(head)
        if utf8:
            try:
                decoder.decode(head)
            except UnicodeDecodeError:
                utf8 = False
        head = file.read(_CHUNK)
    if utf8 and not decoder.getstate()[0]:
        return "utf-8"
    return "cp1252" if windows else "latin-1"


def lines(file: IO[bytes], encoding: str, longest: int) -> Iterator[str]:
    """Yield the lines with their ends, as they stand; a longer line in pieces of `longest`.

    `longest` counts characters. Leaves `file` open. Raises UnreadableFile for text that is not in
    `encoding`, and for the zero bytes of a file that is no text.
    """
    file.seek(0)
    text = io.TextIOWrapper(file, encoding=encoding, newline="")
    try:
        while line := text.readline(longest):
            if "\0" in line:
                raise UnreadableFile(
                    _("This is not a text file. Choose a CSV file or a vCard file (.vcf).")
                )
            yield line
    except UnicodeError:
        raise UnreadableFile(
            _("The text of this file is damaged. Export it again as CSV in UTF-8.")
        ) from None
    finally:
        if not file.closed:
            text.detach()
