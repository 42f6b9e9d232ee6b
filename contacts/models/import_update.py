"""What a row of a file changes of a contact that is here already."""

import functools
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from contacts.importing.cleaning import MOST_VALUES, BadRecord
from contacts.models.contact import Contact
from contacts.models.tag import Tag
from contacts.values import TAGS_MAX

# What belongs together: a first name from here and a last name from there are nobody's name.
NAME = ("honorific", "given_name", "middle_name", "family_name", "suffix")
ADDRESS = ("street", "postal_code", "city", "region", "country")
SINGLES = (("organisation",), ("job_title",), ("website",))
LISTS = ("emails", "phones", "tags", "external_ids")
SAID = (*NAME, *ADDRESS, *(name for (name,) in SINGLES), *LISTS, "notes")


def fill(contact: Contact, row: Contact) -> None:
    """Give a contact what it lacks; what it has stays. Lists get longer, notes are added.

    A name or an address that says something else stays whole.
    """
    for group in (NAME, ADDRESS, *SINGLES):
        values = {name: (getattr(contact, name), getattr(row, name)) for name in group}
        if all(old.casefold() == new.casefold() for old, new in values.values() if old and new):
            for name, (old, new) in values.items():
                setattr(contact, name, old or new)
    for name in LISTS:
        setattr(contact, name, _joined(getattr(contact, name), getattr(row, name)))
    _add_notes(contact, row)


def overwrite(contact: Contact, row: Contact) -> None:
    """Give a contact what the row says; what the row does not say stays.

    Of lists, what the row says comes first, and nothing goes. Notes are added.
    """
    for group in (NAME, ADDRESS, *SINGLES):
        for name in group:
            setattr(contact, name, getattr(row, name) or getattr(contact, name))
    for name in ("emails", "phones"):
        setattr(contact, name, _joined(getattr(row, name), getattr(contact, name)))
    for name in ("tags", "external_ids"):
        setattr(contact, name, _joined(getattr(contact, name), getattr(row, name)))
    _add_notes(contact, row)


def require_valid(contact: Contact) -> None:
    """Raise BadRecord where a contact holds more or longer texts than it may.

    That each is what it should be, was found out when it was read.
    """
    for name in LISTS:
        limit = TAGS_MAX if name == "tags" else MOST_VALUES
        values = getattr(contact, name)
        if len(values) > max(limit, len(contact.loaded.get(name, ()))):
            problem = _("%(field)s: more than %(limit)s.")
            raise BadRecord("", problem % {"field": _label(name), "limit": limit})
    for name, limit in _longest().items():
        value = getattr(contact, name)
        for text in [value] if isinstance(value, str) else value:
            if len(text) > limit:
                problem = _("%(field)s: longer than %(limit)s characters.")
                raise BadRecord(text, problem % {"field": _label(name), "limit": limit})


@functools.cache
def _longest() -> dict[str, int]:
    """Return {field: characters that one of its texts may have} of what a row can say."""
    fields = (Contact._meta.get_field(name) for name in SAID)
    return {field.name: getattr(field, "base_field", field).max_length for field in fields}


def _label(name: str) -> str:
    return str(capfirst(Contact._meta.get_field(name).verbose_name))


def spell_tags(contacts: list[Contact]) -> None:
    """Write the tags of these contacts as they were first written."""
    spelled = {tag.lower(): tag for tag in Tag.spelled({t for c in contacts for t in c.tags})}
    for contact in contacts:
        contact.tags = list(dict.fromkeys(spelled[tag.lower()] for tag in contact.tags))


def told(contact: Contact) -> list[dict[str, Any]]:
    """Return what of a contact was changed since it was read, each as label, old and new."""
    fields = contact.tracked_fields()
    return [
        {
            "label": str(capfirst(fields[name].verbose_name)),
            "old": _shown(contact, name, old),
            "new": _shown(contact, name, new),
        }
        for name, (old, new) in contact.unsaved().items()
    ]


def _shown(contact: Contact, name: str, value: Any) -> str:
    shown = contact.displayed(name, value)
    return ", ".join(shown) if isinstance(shown, list) else str(shown)


def _joined(first: list[str], more: list[str]) -> list[str]:
    """Return two lists as one, in which nothing stands twice, whatever its case."""
    joined: dict[str, str] = {}
    for each in (*first, *more):
        joined.setdefault(each.casefold(), each)
    return list(joined.values())


def _add_notes(contact: Contact, row: Contact) -> None:
    if row.notes and row.notes not in contact.notes:
        contact.notes = "\n".join(filter(None, (contact.notes, row.notes)))
