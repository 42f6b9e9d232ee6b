"""Reads vCards as records: what each property of a card becomes."""

import re
from collections.abc import Iterable, Iterator

from django.utils.translation import gettext as _

from contacts.importing.cards import Card, read
from contacts.importing.records import Record
from contacts.importing.text import is_damaged, mended

_NOT_DIGITS = re.compile(r"\D")
LONGEST_TEXT = 10_000  # characters of a bad card that are kept for its owner
_NAME = ("family_name", "given_name", "middle_name", "honorific", "suffix")
_ADDRESS = ("street", "street", "street", "city", "region", "postal_code", "country")
_TEXTS = {
    "FN": "full_name",
    "TITLE": "job_title",
    "EMAIL": "emails",
    "TEL": "phones",
    "URL": "website",
    "NOTE": "notes",
}


def records(lines: Iterable[str], source: str = "") -> Iterator[Record]:
    """Yield each card of the file; with a `source`, the UID of a card is its external id there."""
    for card in read(lines):
        kinds = {kind.text.casefold() for kind in card.all("KIND")}
        kinds |= {kind.text.casefold() for kind in card.all("X-ADDRESSBOOKSERVER-KIND")}
        problem = (
            card.problem or ("group" in kinds and _("This card is a group of contacts.")) or ""
        )
        text = "\n".join(card.lines)
        if is_damaged(text):
            problem = problem or _("This card has bytes that are not UTF-8.")
        values = {} if problem else values_of(card)
        if source and values:
            values["external_ids"] = [
                f"{source}:{each.text.strip()}" for each in card.all("UID") if each.text.strip()
            ]
        yield Record(card.line, [mended(text[:LONGEST_TEXT])], values, problem)


def values_of(card: Card) -> dict[str, list[str]]:
    """Return {target: texts} of a card. Of several names and addresses the first one is taken."""
    values: dict[str, list[str]] = {}
    for name, target in _TEXTS.items():
        values[target] = [each.text.strip() for each in card.all(name)]
    for each in card.all("N")[:1]:
        values |= {target: [text] for target, text in zip(_NAME, each.fields(" "), strict=False)}
    for each in card.all("ADR")[:1]:
        for target, text in zip(_ADDRESS, each.fields(", "), strict=False):
            values.setdefault(target, []).extend(filter(None, [text.strip()]))
    values["organisation"] = [each.fields(", ")[0] for each in card.all("ORG")]
    values["tags"] = [text for each in card.all("CATEGORIES") for text in each.texts]
    named = any(text for target in _NAME for text in values.get(target, ()))
    if named or any(_repeats(name, values) for name in values["full_name"]):
        values["full_name"] = []
    return values


def _repeats(name: str, values: dict[str, list[str]]) -> bool:
    """Tell whether a name only repeats a company, an email or a phone: a card must have a name."""
    digits = _NOT_DIGITS.sub("", name)
    return name in values["organisation"] + values["emails"] or any(
        digits == _NOT_DIGITS.sub("", phone) for phone in values["phones"] if digits
    )
