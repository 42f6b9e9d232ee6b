"""Reads vCards as cards of properties: versions 2.1, 3.0 and 4.0 (RFC 6350).

Own code, because vobject 0.9.9 cuts a note at its first plain comma, knows no 4.0, and takes
exponential time over a line with many parameter values.
"""

import quopri
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from contacts.values import storable

LONGEST_VALUE = 100_000  # characters of one line; what a photo has beyond that is not kept
MOST_PROPERTIES = 1_000
RANKS = frozenset(map(str, range(1, 101)))  # what PREF may say (RFC 6350, 5.3)
UNRANKED = 101

# Possessive (+ after + or *), so that no line takes more than linear time.
_PROPERTY = re.compile(r'(?:[\w-]++\.)?([\w-]++)((?:;(?:[^":;]|"[^"]*+")*+)*+):(.*)', re.DOTALL)
_PARAMETER = re.compile(r';([\w-]++)(?:=((?:[^";]|"[^"]*+")*+))?')
_TOKEN = re.compile(r"\\.|[^\\;,]+|.", re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


@dataclass
class Property:
    """A line of a card: "TEL;TYPE=cell,voice:+1 202 555 0143". Names are in upper case."""

    name: str
    parameters: dict[str, list[str]]
    value: str

    @property
    def text(self) -> str:
        """Return the value without its escapes."""
        return _unescaped(self.value)

    @property
    def texts(self) -> list[str]:
        """Return the texts of a list, which commas part."""
        return [_unescaped(part) for part in _split(self.value, ",")]

    def fields(self, joined_by: str) -> list[str]:
        """Return the fields of a structured value, which semicolons part; lists in them joined."""
        return [
            joined_by.join(_unescaped(item).strip() for item in _split(part, ","))
            for part in _split(self.value, ";")
        ]

    @property
    def rank(self) -> tuple[bool, int]:
        """Return where it stands among others of its name: the preferred first, a fax last."""
        types = {value.casefold() for value in self.parameters.get("TYPE", ())}
        preferred = self.parameters.get("PREF", ["1" if "pref" in types else ""])[0]
        return "fax" in types, int(preferred) if preferred in RANKS else UNRANKED


@dataclass
class Card:
    """A card as read. `line` is where it begins; `problem` says why it cannot be used."""

    line: int
    lines: list[str]
    properties: list[Property] = field(default_factory=list)
    problem: str = ""

    def all(self, name: str) -> list[Property]:
        """Return its properties of that name, the preferred one first."""
        return sorted((p for p in self.properties if p.name == name), key=lambda p: p.rank)


def read(lines: Iterable[str]) -> Iterator[Card]:
    """Yield the cards of a file. A line that cannot be read spoils its own card only."""
    card = None
    for number, line in _unfolded(lines):
        mark = line.strip().upper()
        if card and mark in {"BEGIN:VCARD", "END:VCARD"}:
            if mark == "BEGIN:VCARD":
                card.problem = _("The card has no end.")
            else:
                card.lines.append(line)
            yield card
            card = None
        if mark == "BEGIN:VCARD":
            card = Card(number, [line])
        elif card:
            _add(card, number, line)
    if card:
        card.problem = _("The card has no end.")
        yield card


def _add(card: Card, number: int, line: str) -> None:
    if len(card.lines) > MOST_PROPERTIES:
        if not card.problem:
            limit = {"limit": MOST_PROPERTIES}
            card.problem = _("The card has more than %(limit)s lines.") % limit
        return
    found = _PROPERTY.fullmatch(line)
    card.lines.append(line)
    if found:
        card.properties.append(_property(found))
    elif line.strip():
        card.problem = card.problem or _("Line %(line)s cannot be read.") % {"line": number}


def _property(found: re.Match[str]) -> Property:
    parameters: dict[str, list[str]] = {}
    for name, values in _PARAMETER.findall(found[2]):
        # vCard 2.1 writes a type or an encoding without saying which of the two it is.
        key, listed = (name.upper(), values) if values else ("TYPE", name)
        parameters.setdefault(key, []).extend(listed.replace('"', "").split(","))
    value = found[3]
    codes = parameters.get("ENCODING", []) + parameters.get("TYPE", [])
    if "QUOTED-PRINTABLE" in map(str.upper, codes):
        value = _decoded(quopri.decodestring(value.encode()), parameters.get("CHARSET", [""])[0])
    return Property(found[1].upper(), parameters, value)


def _decoded(octets: bytes, charset: str) -> str:
    for encoding in (charset or "utf-8", "cp1252"):
        try:
            return storable(octets.decode(encoding))
        except (LookupError, ValueError):  # of these, some codecs raise others than Unicode's
            continue
    return storable(octets.decode("latin-1"))


def _unfolded(lines: Iterable[str]) -> Iterator[tuple[int, str]]:
    """Yield (number of its first line, logical line); what is too long is cut.

    A line that begins with a space goes on with the one before, and so does the line after a
    quoted-printable one that ends with "=". A piece without an end goes on with the next piece.
    """
    start = number = 0
    logical, goes_on, soft = "", False, False
    for piece in lines:
        number += not goes_on
        text = piece.rstrip("\r\n")
        folded = bool(logical) and text[:1] in {" ", "\t"}
        if not (goes_on or soft or folded):
            yield start, logical
            start, logical = number, ""
        elif folded and not (goes_on or soft):
            text = text[1:]
        logical += text[: LONGEST_VALUE - len(logical)]
        goes_on = not piece.endswith(("\n", "\r"))
        soft = logical.endswith("=") and "QUOTED-PRINTABLE" in logical[:200].upper()
        logical = logical.removesuffix("=") if soft else logical
    yield start, logical


def _split(value: str, separator: str) -> list[str]:
    """Return the parts of a value that is still escaped."""
    parts = [""]
    for token in _TOKEN.findall(value):
        if token == separator:
            parts.append("")
        else:
            parts[-1] += token
    return parts


def _unescaped(value: str) -> str:
    return _ESCAPED.sub(lambda found: "\n" if found[1] in "nN" else found[1], value)
