"""The text of an answer by mail: without HTML, and what is new apart from what it quotes."""

import html
import re
from functools import cache

from inscriptis import get_text
from inscriptis.model.config import ParserConfig
from mailparser_reply.constants import MAIL_LANGUAGES
from mailparser_reply.parser import EmailMessage

# Where the patterns of the library look for the head of a quotation. They take time that grows
# with the square of a line, and the head of a quotation stands on short lines near the top.
LONGEST_LOOK = 20_000  # characters
LONGEST_LINE_LOOK = 200  # characters
LONGEST_HTML = 300_000  # characters
TAG = re.compile(r"<[^<>]*>")
EMPTY_LINES = re.compile(r"\n{3,}")


def text_of_html(page: str) -> str:
    """Return what HTML says, in lines as a browser shows them, but without indentation."""
    page = page[:LONGEST_HTML].replace("\x00", "")
    text = get_text(page, ParserConfig(display_links=False))
    if not text.strip():  # lxml gives up where elements lie more than 255 deep in each other
        text = html.unescape(TAG.sub(" ", page))
    return EMPTY_LINES.sub("\n\n", "\n".join(map(str.strip, text.splitlines())))


def split_quoted(text: str) -> tuple[str, str]:
    """Return what somebody wrote, and what they quoted.

    Who answers between the lines of what they quote is left whole: neither says anything alone.
    """
    lines = text.strip("\n").split("\n")
    head = _head(lines)
    if head is None:
        return _apart(lines, _last_quotation(lines))
    while head and set(lines[head - 1].strip()) <= {"_"}:
        head -= 1  # an empty line, or the one that Outlook draws
    quotation = head
    while quotation < len(lines) and not _is_quoted(lines[quotation]):
        quotation += 1
    if quotation == len(lines):
        return _apart(lines, head)  # quoted without signs, as Outlook does
    end = quotation
    while end < len(lines) and (_is_quoted(lines[end]) or not lines[end].strip()):
        end += 1
    if end == len(lines):
        return _apart(lines, head)
    answered_below = not any(map(_is_quoted, lines[end:]))
    if answered_below and not any(line.strip() for line in lines[:head]):
        return "\n".join(lines[end:]).strip(), "\n".join(lines[head:end]).strip()
    return text.strip(), ""


def _apart(lines: list[str], at: int) -> tuple[str, str]:
    return "\n".join(lines[:at]).strip(), "\n".join(lines[at:]).strip()


def _head(lines: list[str]) -> int | None:
    """Return the number of the line that introduces what is quoted, as "Mia wrote:"."""
    looked_at, room = [], LONGEST_LOOK
    for line in lines:
        looked_at.append(line.strip()[:LONGEST_LINE_LOOK])
        room -= len(looked_at[-1]) + 1
        if room < 0:
            break
    text = "\n".join(looked_at)
    found = _heads().search(text)
    if found is None:
        return None
    blank = len(found[0]) - len(found[0].lstrip())
    return text.count("\n", 0, found.start() + blank)


def _last_quotation(lines: list[str]) -> int:
    """Return where the quoted lines begin that end a text."""
    at = len(lines)
    while at and (_is_quoted(lines[at - 1]) or not lines[at - 1].strip()):
        at -= 1
    return at


def _is_quoted(line: str) -> bool:
    return line.lstrip().startswith(">")


@cache
def _heads() -> re.Pattern[str]:
    """Return the library's pattern of heads in all of its languages ("david" is none)."""
    return EmailMessage("", sorted(MAIL_LANGUAGES.keys() - {"david"})).HEADER_REGEX
