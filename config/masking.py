"""What is taken out of texts that leave for logs, error reports and traces: they may be personal.

Who reads a log could use the token of a link, and a log outlives the people whose addresses it
holds. Errors quote what they were given, often what somebody typed.
"""

import re
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.http import HttpRequest

# What follows /i/, /s/ or /u/ opens an invitation, a share, or stops all mail.
TOKEN = re.compile(r"(/|%2F)([isu])(/|%2F)[\w.:~-]+", re.IGNORECASE)
# Each begins where a word does, or is closed by the end of the text too: so that no text, however
# long, takes time by the square of its length.
ADDRESS = re.compile(r"(?<![^\s<>\"'=/,;:()])[^\s<>\"'=/,;:()]+(?:@|%40)[^\s<>\"'=/,;()]+")
# A phone number, as people write it: nothing else has nine digits with signs of that sort between.
PHONE = re.compile(r"(?<![\w-])\+?\d(?:[ ()./-]?\d){8,14}(?![\w-])")
QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"|“[^”]*(?:”|\Z)|«[^»]*(?:»|\Z)|=\([^)]*(?:\)|\Z)")
URL = re.compile(r"(?<![a-z0-9+.-])[a-z0-9+.-]+://\S+", re.IGNORECASE)
ROOT = f"{Path(__file__).resolve().parent.parent}/"


def masked(text: str) -> str:
    """Return a text of our own without tokens of links, addresses of mail, and phone numbers."""
    text = TOKEN.sub(r"\1\2\3…", text)
    text = ADDRESS.sub("…", text)
    return PHONE.sub("…", text)


def unquoted(text: str) -> str:
    """Return the first line of an error's or a library's text without all that it may quote.

    What follows it are details: PostgreSQL's name the values of a row.
    """
    return masked(QUOTED.sub("…", URL.sub("…", text.partition("\n")[0])))


def route_of(request: HttpRequest | None) -> str:
    """Return the pattern of the address that was asked for, as "contacts/<uuid:pk>/"."""
    match = getattr(request, "resolver_match", None)
    return f"/{match.route}" if match and match.route else "an address of no page"


def chain(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error, and what led to it, as Python would print them but the other way round."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def described(error: BaseException) -> dict[str, Any]:
    """Return one error without what is personal: `type`, `text`, `stack`, of PostgreSQL `sqlstate`.

    Each line of the stack says file, line number and function, the place of the error last. Values
    of variables are none of it.
    """
    stack = traceback.extract_tb(error.__traceback__)
    found = {
        "type": f"{type(error).__module__}.{type(error).__qualname__}".removeprefix("builtins."),
        "text": unquoted(str(error)),
        "stack": [
            f"{each.filename.removeprefix(ROOT)}:{each.lineno} {each.name}" for each in stack
        ],
    }
    if state := getattr(error, "sqlstate", None):
        found["sqlstate"] = state
        # Its words may be those of a row. The rule's name is none.
        found["text"] = getattr(error.diag, "constraint_name", None) or ""
    return found
