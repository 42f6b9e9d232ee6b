"""What the fields of a change are called in the language of whoever reads it.

Events hold the English names, so that an event says the same whoever acted; a field that is gone
since keeps the name it was written with.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.utils.text import capfirst
from django.utils.translation import get_language, gettext, override
from django.utils.translation import gettext_lazy as _

from activity.highlighting import fold
from contacts.models import Tracked

# Fields of users whose values are words of ours, one after the other: roles, rights, yes and no.
_WORDS = frozenset({"roles", "superuser", "permissions"})
_COLUMNS = {"superuser": "is_superuser", "permissions": "user_permissions"}


def labels_of(noun: str) -> dict[str, str]:
    """Return {field: name} of what changes of such an object tell, in the language in force."""
    return _labels(noun, get_language())


def original_labels_of(noun: str) -> dict[str, str]:
    """Return {field: name} as events hold them."""
    with override(settings.LANGUAGE_CODE):
        return labels_of(noun)


def fields_called(words: str) -> list[tuple[str, str]]:
    """Return (noun, field) of all fields whose name has the words, in the language in force."""
    return [
        (noun, name)
        for noun in sorted(model.noun for model in Tracked.__subclasses__())
        for name, label in labels_of(noun).items()
        if fold(words) in fold(label)
    ]


def localised(noun: str, change: dict[str, Any]) -> dict[str, Any]:
    """Return a field's change with the words of ours in it said in the language in force."""
    name = change["field"]
    said = {**change, "label": labels_of(noun).get(name, change["label"])}
    if noun == "user" and name in _WORDS:
        said |= {side: _translated(said[side]) for side in ("old", "new")}
    return said


def _translated(words: str | None) -> str | None:
    return words and ", ".join(map(gettext, words.split(", ")))


@cache
def _labels(noun: str, language: str | None) -> dict[str, str]:
    return {name: str(capfirst(text)) for name, text in _names(noun)}


def _names(noun: str) -> Iterator[tuple[str, Any]]:
    if noun == "user":
        yield "roles", _("Role")
        for name in ("email", "name", "superuser", "permissions"):
            field: Any = get_user_model()._meta.get_field(_COLUMNS.get(name, name))
            yield name, field.verbose_name
    for model in Tracked.__subclasses__():
        if model.noun == noun:
            for name, field in model.tracked_fields().items():
                yield name, field.verbose_name
