"""Opens an uploaded file as lines of text, whatever its encoding."""

import codecs
import io
import re
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
# What Python reads in place of a byte that is no UTF-8 (PEP 383).
_STRAY = re.compile("[\udc80-\udcff]")


class UnreadableFile(Exception):
    """The file as a whole cannot be imported; the message tells its owner why."""


def encoding_of(file: IO[bytes]) -> str:
    """Return the name of the codec that reads the file.

    A byte order mark decides, then UTF-16 by its zero bytes. A file that holds more characters of
    UTF-8 than bytes that are none is UTF-8 in which some rows are damaged: they fail by themselves.
    What is left is Windows-1252, the encoding of most old address books.
    """
    file.seek(0)
    head = file.read(_CHUNK)
    for mark, encoding in _BYTE_ORDER_MARKS.items():
        if head.startswith(mark):
            return encoding
    if head.count(0) > len(head) // 4:
        return "utf-16-le" if head[1::2].count(0) > head[0::2].count(0) else "utf-16-be"
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    characters = strays = 0
    windows = True
    while head:
        text = decoder.decode(head)
        if not text.isascii():
            windows = windows and _NOT_WINDOWS.isdisjoint(head)
            known = text.encode("utf-8", "ignore").decode()
            strays += len(text) - len(known)
            characters += len(known) - len(known.encode("ascii", "ignore"))
        head = file.read(_CHUNK)
    strays += len(decoder.getstate()[0])
    if characters > strays or not strays:
        return "utf-8"
    return "cp1252" if windows else "latin-1"


def lines(file: IO[bytes], encoding: str, longest: int) -> Iterator[str]:
    """Yield the lines with their ends, as they stand; a longer line in pieces of `longest`.

    `longest` counts characters. Leaves `file` open. Bytes that are no UTF-8 come as lone
    surrogates. Raises UnreadableFile for text that is not in another `encoding`, and for the zero
    bytes of a file that is no text.
    """
    file.seek(0)
    lenient = "surrogateescape" if encoding.startswith("utf-8") else "strict"
    text = io.TextIOWrapper(file, encoding=encoding, errors=lenient, newline="")
    number = 1
    try:
        while line := text.readline(longest):
            if "\0" in line:
                raise UnreadableFile(
                    _(
                        "This is not a text file: line %(line)s holds a zero byte. "
                        "Choose a CSV file or a vCard file (.vcf)."
                    )
                    % {"line": number}
                )
            yield line
            number += line.endswith(("\n", "\r"))
    except UnicodeError:
        raise UnreadableFile(
            _(
                "The text of this file is damaged after line %(line)s. "
                "Export it again as CSV in UTF-8."
            )
            % {"line": number}
        ) from None
    finally:
        if not file.closed:
            text.detach()


def is_damaged(text: str) -> bool:
    """Tell whether a text holds bytes that are not of its file's encoding."""
    return not text.isascii() and _STRAY.search(text) is not None


def mended(text: str) -> str:
    """Return a text with the sign for an unknown character in place of such bytes."""
    return _STRAY.sub("\ufffd", text)
