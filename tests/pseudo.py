"""A language in which every translated text shows: Ţĥîš, and longer by a third.

Nobody speaks it, so whatever reads as plain English on its pages was not translated.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from typing import Any

from django.core.cache import caches
from django.utils.translation import trans_real

from activity.rows import drawn
from contacts.templatetags.kept import parts

CODE = "eo"
MARKED = str.maketrans(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
    "ÅƁÇÐÉƑĜĤÎĴĶĻḾÑÖÞǪŔŠŢÛṼŴẊÝŽåƀçðéƒĝĥîĵķļḿñöþǫŕšţûṽŵẋýž",
)
# What a program reads: placeholders, tags, entities, addresses.
KEPT = re.compile(r"(%\(\w+\)[sd]|%[sd%]|\{\w*\}|<[^>]*>|&\w+;|https?://\S+)")
SAID = {"alt", "aria-label", "placeholder", "title", "label", "content"}
SILENT = {"script", "style", "template", "code"}


class Pseudo:
    """Answers like a translation catalogue of Django, for any text."""

    def gettext(self, text: str) -> str:
        """Return the text with marks on its letters, and more of them."""
        text = text.rpartition("\x04")[2]
        if not text.strip() or re.fullmatch(r"[^a-z]*[a-zA-Z]?[^a-z]*", text):
            return text
        parts = KEPT.split(text)  # what is kept is every second one
        marked = [
            part if number % 2 else part.translate(MARKED) for number, part in enumerate(parts)
        ]
        return "".join(marked) + "·" * (len(text) // 3)

    def ngettext(self, singular: str, plural: str, number: int) -> str:
        """Return one of both texts, marked."""
        return self.gettext(singular if number == 1 else plural)

    def to_language(self) -> str:
        """Return the name of the language."""
        return CODE


@contextmanager
def spoken(settings: Any) -> Iterator[None]:
    """Let users choose the language, and keep nothing that was drawn in it."""
    settings.LANGUAGES = [*settings.LANGUAGES, (CODE, "Pseudo")]
    trans_real._translations[CODE] = Pseudo()
    try:
        yield
    finally:
        del trans_real._translations[CODE]
        for kept in (drawn, parts, caches["rows"]):
            kept.clear()


class Reader(HTMLParser):
    """Collects what a page says: its text, and what its attributes say."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in SILENT
        attributes = dict(attrs)
        named = attributes.keys() & SAID - ({"content"} if tag == "meta" else set())
        self.said += [attributes[name] or "" for name in named]
        if tag == "input" and attributes.get("type") in {"submit", "button"}:
            self.said.append(attributes.get("value") or "")

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in SILENT

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.said.append(data)


def english(html: str, known: frozenset[str]) -> list[str]:
    """Return what a page says in plain English; `known` are words that are the same everywhere."""
    reader = Reader()
    reader.feed(html.replace("<wbr>", ""))  # within a word
    found = []
    for said in reader.said:
        words = re.findall(r"(?<![\w@./%{-])[A-Za-z][a-z]{2,}(?![\w@/]|[.:]\w)", said)
        if set(words) - known:
            found.append(" ".join(said.split()))
    return found
