"""What the texts of a record become in a contact, or why they can't."""

from collections.abc import Callable, Iterable
from typing import Any

import phonenumbers
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from phonenumbers import NumberParseException, ValidationResult

from contacts.importing.columns import EXTERNAL_ID, NAMING
from contacts.importing.records import Record
from contacts.values import kept_phone, read_email, read_line, read_tags, read_website

MOST_VALUES = 50  # emails or phones of one contact
_LINES = (
    "honorific",
    "given_name",
    "middle_name",
    "family_name",
    "suffix",
    "organisation",
    "job_title",
    "postal_code",
    "city",
    "region",
    "country",
)


class BadRecord(Exception):
    """A record that does not make a contact: the text that is wrong, and why, in plain words."""

    def __init__(self, value: str, reason: str) -> None:
        super().__init__(reason)
        self.value = value
        self.reason = reason


def contact_values(record: Record) -> dict[str, Any]:
    """Return a record as the fields of a contact, all in the form that contacts keep.

    Raises BadRecord for the first value that cannot be read, and where there is nothing to tell
    whose row it is: neither a name nor an address nor an external id.
    """
    if record.problem:
        raise BadRecord("", record.problem)
    texts = record.values
    found: dict[str, Any] = {name: read_line(_first(texts.get(name))) for name in _LINES}
    if not found["given_name"] and not found["family_name"]:
        found["given_name"], found["family_name"] = _parted(
            read_line(_first(texts.get("full_name")))
        )
    found["emails"] = _each(texts.get("emails", []), _email)
    found["phones"] = _each(texts.get("phones", []), _phone)
    found[EXTERNAL_ID] = _each(texts.get(EXTERNAL_ID, []), read_line)
    found["website"] = _read(read_website, _first(texts.get("website")))
    found["tags"] = _read(read_tags, texts.get("tags", []))
    street = texts.get("street") or texts.get("address", [])
    found["street"] = ", ".join(read_line(part.replace("\n", ", ")) for part in street)
    found["notes"] = "\n".join(
        note.replace("\r\n", "\n").strip() for note in texts.get("notes", [])
    )
    if not found[EXTERNAL_ID]:
        require_a_name(found)
    return found


def require_a_name(values: dict[str, Any]) -> None:
    """Raise BadRecord where nothing in the fields of a contact names it."""
    if not any(values[name] for name in NAMING if name in values):
        raise BadRecord("", _("Needs a name, a company, an email or a phone number."))


def _first(texts: Iterable[str] | None) -> str:
    return next(iter(texts or ()), "")


def _parted(name: str) -> tuple[str, str]:
    """Return the given and the family name of "Maria del Mar Cantwell" or "Cantwell, Maria"."""
    if "," in name:
        family, given = name.split(",", 1)
        return given.strip(), family.strip()
    given, _space, family = name.rpartition(" ")
    return given, family


def _read(read: Callable[[Any], Any], typed: Any) -> Any:
    try:
        return read(typed)
    except ValidationError as error:
        shown = typed if isinstance(typed, str) else ", ".join(typed)
        raise BadRecord(shown, error.messages[0]) from None


def _each(texts: Iterable[str], read: Callable[[str], str]) -> list[str]:
    found = dict.fromkeys(read(text) for text in texts if text.strip())
    if len(found) > MOST_VALUES:
        raise BadRecord(
            "", _("A contact has at most %(limit)s values of a kind.") % {"limit": MOST_VALUES}
        )
    return list(found)


def _email(typed: str) -> str:
    name, bracket, inside = typed.partition("<")  # "Marta Kowal <marta@kowal.example>"
    address = (inside.rstrip(" >") if bracket else name).strip().removeprefix("mailto:")
    try:
        return read_email(address)
    except ValidationError as error:
        raise BadRecord(typed, _why_not_an_email(address) or error.messages[0]) from None


def _why_not_an_email(address: str) -> str:
    if "@" not in address:
        return _("The email has no @.")
    if address.endswith("@"):
        return _("The email has no domain.")
    return _("The email has nothing before the @.") if address.startswith("@") else ""


def _phone(typed: str) -> str:
    """Return a number as contacts keep it.

    Raises BadRecord with what `phonenumbers` holds against it, in plain words. A number that can
    only be dialled from its own town is refused: nobody knows which one it is.
    """
    try:
        number = phonenumbers.parse(read_line(typed), settings.PHONE_REGION)
    except NumberParseException as error:
        raise BadRecord(typed, _why_not_a_number(error)) from None
    possible = phonenumbers.is_possible_number_with_reason(number)
    if possible != ValidationResult.IS_POSSIBLE:
        raise BadRecord(typed, _why_not_possible(typed, possible))
    return kept_phone(number)


def _why_not_a_number(error: NumberParseException) -> str:
    short = _("The phone number is too short.")
    return {
        NumberParseException.INVALID_COUNTRY_CODE: _no_country(),
        NumberParseException.TOO_SHORT_AFTER_IDD: short,
        NumberParseException.TOO_SHORT_NSN: short,
        NumberParseException.TOO_LONG: _("The phone number is too long."),
    }.get(error.error_type, _("This is not a phone number."))


def _why_not_possible(typed: str, possible: int) -> str:
    short = _("The phone number is too short.")
    local = short if typed.strip().startswith("+") else _("The phone number has no area code.")
    return {
        ValidationResult.TOO_SHORT: short,
        ValidationResult.TOO_LONG: _("The phone number is too long."),
        ValidationResult.INVALID_COUNTRY_CODE: _no_country(),
        ValidationResult.IS_POSSIBLE_LOCAL_ONLY: local,
    }.get(possible, _("The phone number has the wrong length for its country."))


def _no_country() -> str:
    return _("The phone number has a country code that does not exist.")
