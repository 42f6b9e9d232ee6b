"""How what people type becomes what a contact keeps. Each reader returns the kept form.

Each raises ValidationError, in words for the person who typed, where a value cannot be read.
"""

import functools
import re
import unicodedata
from collections.abc import Iterable

import phonenumbers
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator, URLValidator
from django.utils.translation import gettext as _

TAGS_MAX = 20
TAG_MAX_LENGTH = 50
EMAIL_MAX_LENGTH = 254

_SPACE = re.compile(r"[\s\x00-\x1f\x7f-\x9f]+")
_is_email = EmailValidator()
_is_web_address = URLValidator(schemes=["http", "https"])


def storable(text: str) -> str:
    """Return a text as PostgreSQL can hold it: without NUL, and no half of a surrogate pair."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode()


def read_line(typed: str) -> str:
    """Return the text on one line, or nothing where there is nothing to see in it."""
    if typed.isascii() and typed.isprintable():
        return " ".join(typed.split())  # what most texts are, in a twentieth of the time
    line = unicodedata.normalize("NFC", _SPACE.sub(" ", typed).strip())
    return line if any(unicodedata.category(char)[0] not in "CZ" for char in line) else ""


def read_email(typed: str) -> str:
    """Return the address in lower case, without spaces around it."""
    email = read_line(typed).lower()
    try:
        _is_email(email)
    except ValidationError:
        raise ValidationError(
            _("“%(email)s” is not an email address. Write it like name@example.com."),
            params={"email": email},
        ) from None
    if len(email) > EMAIL_MAX_LENGTH:
        raise ValidationError(
            _("An email address has at most %(limit)s characters, this one has %(length)s."),
            params={"limit": EMAIL_MAX_LENGTH, "length": len(email)},
        )
    return email


def read_phone(typed: str) -> str:
    """Return the number in E.164, with ";ext=" (RFC 3966) after it where it has an extension.

    A number without a country code is read as one of settings.PHONE_REGION.
    """
    line = read_line(typed)
    try:
        number = phonenumbers.parse(line, settings.PHONE_REGION)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_possible_number(number):
        example = phonenumbers.example_number(settings.PHONE_REGION)
        shown = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
        raise ValidationError(
            _(
                "“%(phone)s” is not a number that can be dialled. "
                "Write it with its country code, like %(example)s."
            ),
            params={"phone": line, "example": shown},
        )
    return kept_phone(number)


def kept_phone(number: phonenumbers.PhoneNumber) -> str:
    """Return a number as contacts keep it: in E.164, with its extension behind."""
    kept = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return f"{kept};ext={number.extension}" if number.extension else kept


def read_website(typed: str) -> str:
    """Return the address with https:// where it was written without a scheme."""
    website = read_line(typed)
    if website and "://" not in website:
        website = f"https://{website}"
    try:
        if website:
            _is_web_address(website)
    except ValidationError:
        raise ValidationError(
            _("This is not a web address. Write it like https://example.com.")
        ) from None
    return website


def read_tags(typed: Iterable[str]) -> list[str]:
    """Return the tags, which commas part, each once whatever its case, in the order typed."""
    tags: dict[str, str] = {}
    for tag in filter(None, map(read_line, ",".join(typed).split(","))):
        if len(tag) > TAG_MAX_LENGTH:
            raise ValidationError(
                _("A tag has at most %(limit)s characters: “%(tag)s” is too long."),
                params={"limit": TAG_MAX_LENGTH, "tag": tag},
            )
        tags.setdefault(tag.casefold(), tag)
    if len(tags) > TAGS_MAX:
        raise ValidationError(
            _("A contact has at most %(limit)s tags, these are %(count)s."),
            params={"limit": TAGS_MAX, "count": len(tags)},
        )
    return list(tags.values())


@functools.lru_cache(maxsize=10_000)
def international(number: str) -> str:
    """Return a phone number in international form ("+1 202-224-3441"), or as it was typed."""
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return number
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
