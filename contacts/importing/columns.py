"""Which column of a CSV file goes where: recognised by its header, changed by the person."""

import re
import unicodedata
from collections.abc import Sequence

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# Where a column can go. Several columns may feed one target.
TARGETS: dict[str, str | Promise] = {
    "honorific": _("Honorific"),
    "given_name": _("Given name"),
    "middle_name": _("Middle name"),
    "family_name": _("Family name"),
    "suffix": _("Suffix"),
    "full_name": _("Full name"),
    "organisation": _("Company"),
    "job_title": _("Job title"),
    "emails": _("Email"),
    "phones": _("Phone"),
    "external_ids": _("External id"),
    "website": _("Website"),
    "street": _("Street"),
    "postal_code": _("Postal code"),
    "city": _("City"),
    "region": _("Region"),
    "country": _("Country"),
    "address": _("Whole address"),
    "tags": _("Add to tags"),
    "notes": _("Add to notes"),
}
# A row needs something in one of these to be a contact.
EXTERNAL_ID = "external_ids"
NAMING = {"given_name", "family_name", "full_name", "organisation", "emails", "phones"}
_ADDRESS = ("street", "postal_code", "city", "region", "country", "address")
_ADDRESS_KIND = re.compile(
    r"(business|work|home|other|mailing|billing|shipping|address \d+(?= \w))\b"
)

# Headers as `_folded` leaves them, each number written #. Our own names, everyday ones, Google
# Contacts (both exports), Outlook, LinkedIn, German, and the civic data sets of theunitedstates.io.
_HEADERS = {
    "honorific": "honorific, name prefix, prefix, salutation, courtesy title, anrede",
    "given_name": "given name, first name, firstname, forename, vorname",
    "middle_name": "middle name, middlename, additional name, middle names",
    "family_name": "family name, last name, lastname, surname, nachname",
    "suffix": "suffix, name suffix",
    "full_name": "full name, fullname, name, contact, contact name, display name",
    "organisation": "organisation, organization, company, company name, organization name, "
    "organisation name, organization # name, employer, business, firma",
    "job_title": "job title, position, role, organization title, organization # title, "
    "title, occupation",
    "emails": "email, emails, e mail, e mails, mail, email address, email addresses, "
    "e mail address, e mail # address, email #, e mail #, e mail # value, email # value, "
    "primary email, work email, home email, other email, secondary email, e mail adresse",
    "phones": "phone, phones, phone number, phone numbers, telephone, telephone number, tel, "
    "mobile, mobile number, cell, cell phone, phone #, phone # value, primary phone, work phone, "
    "business phone, business phone #, mobile phone, mobile phone #, home phone, home phone #, "
    "other phone, company main phone, car phone, telefon, handy",
    "external_ids": "external id",
    "website": "website, web site, web page, webpage, url, homepage, website #, "
    "website # value, personal web page",
    "street": "street, street address, address line #, address #, address # street, "
    "address # extended address, address # po box, business street, business street #, "
    "home street, home street #, other street, other street #, strasse",
    "postal_code": "postal code, postcode, post code, zip, zip code, zipcode, "
    "address # postal code, business postal code, home postal code, other postal code, plz",
    "city": "city, town, address # city, business city, home city, other city, ort, stadt",
    "region": "region, state, province, county, state province, address # region, "
    "business state, home state, other state, bundesland",
    "country": "country, country region, address # country, business country, home country, "
    "other country, business country region, home country region, other country region, land",
    "address": "address, full address, postal address, mailing address, business address, "
    "home address, other address, address # formatted, adresse",
    "tags": "tags, tag, labels, label, categories, category, group membership, groups, group, "
    "type, party, stichworter",
    "notes": "notes, note, comments, comment, description, remarks, notizen",
}
_TARGET_OF = {
    header.strip(): target for target, all_ in _HEADERS.items() for header in all_.split(",")
}
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_BETWEEN_VALUES = {
    "emails": re.compile(r"[;,\n]|:::"),
    "phones": re.compile(r"[;\n]|:::"),
    "website": re.compile(r"[;\n]|:::"),
    "external_ids": re.compile(r"[;\n]"),
    "tags": re.compile(r"[;,\n]|:::"),
}
_SYSTEM_LABELS = {"* mycontacts", "* my contacts"}  # Google puts everyone in it


def _folded(header: str) -> str:
    """Return the words of a header: "E-mail 1 - Value" -> "e mail 1 value"."""
    plain = unicodedata.normalize("NFKD", _CAMEL.sub(" ", header)).casefold()
    plain = "".join(char for char in plain if not unicodedata.combining(char))
    return " ".join(re.split(r"[\W_]+", plain)).strip()


def recognised(columns: Sequence[str]) -> list[str]:
    """Return the target of each column, empty for one that is not known.

    "Title" beside "Job title" is how Outlook calls the honorific.
    """
    folded = [_folded(column) for column in columns]
    targets = [_TARGET_OF.get(re.sub(r"\d+", "#", header), "") for header in folded]
    if "job title" in folded:
        targets = [
            "honorific" if header == "title" else target
            for header, target in zip(folded, targets, strict=True)
        ]
    return targets


def format_of(columns: Sequence[str]) -> str:
    """Return which program wrote a CSV file: "google", "outlook", or "csv" for any other."""
    folded = {_folded(column) for column in columns}
    if folded & {"e mail 1 value", "phone 1 value", "group membership"}:
        return "google"
    if "e mail address" in folded and folded & {"business phone", "business street", "web page"}:
        return "outlook"
    return "csv"


class Mapping:
    """Where each column of a file goes."""

    def __init__(self, columns: Sequence[str], targets: Sequence[str], source: str = "") -> None:
        """`targets` names one of TARGETS for each column, or is empty where it is left out.

        `source` is where external ids come from; without one they are left out.
        """
        self._taken = [
            (index, target, _kind_of_address(column, target), _label(column, target, known, source))
            for index, (column, target, known) in enumerate(
                zip(columns, targets, recognised(columns), strict=True)
            )
            if target and (source or target != EXTERNAL_ID)
        ]

    def values(self, cells: Sequence[str]) -> dict[str, list[str]]:
        """Return {target: texts} of a row. Of several addresses in a row the first one is taken."""
        values: dict[str, list[str]] = {}
        address_kind = None
        for index, target, kind, label in self._taken:
            cell = cells[index] if index < len(cells) else ""
            if not cell:
                continue
            if kind is not None:
                address_kind = kind if address_kind is None else address_kind
                if kind != address_kind:
                    continue
            texts = [cell]
            if target in _BETWEEN_VALUES:
                texts = [text.strip() for text in _BETWEEN_VALUES[target].split(cell)]
            if target == "tags":
                texts = [t.removeprefix("* ") for t in texts if t.lower() not in _SYSTEM_LABELS]
            values.setdefault(target, []).extend(f"{label}{text}" for text in texts if text)
        return values


def _kind_of_address(column: str, target: str) -> str | None:
    """Return which of several addresses a column is part of; None where it is part of none."""
    if target not in _ADDRESS:
        return None
    kind = _ADDRESS_KIND.match(_folded(column))
    return kind.group() if kind else ""


def _label(column: str, target: str, known: str, source: str) -> str:
    """Return what each text of a column begins with: whose id it is, or what a note once was."""
    if target == EXTERNAL_ID:
        return f"{source}:"
    return f"{column}: " if target == "notes" != known else ""
