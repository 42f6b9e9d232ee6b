"""How values of a row's fields are read: as one or more texts, people by their names."""

import datetime
import functools
from collections.abc import Iterable
from typing import Any

from django.contrib.auth import get_user_model
from django.db import models
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from contacts.models import Tracked

# The page itself says whose record it is.
SELF_EVIDENT = frozenset({"contact_id"})


def fields_of(model: type[Tracked]) -> dict[str, models.Field]:
    """Return {attribute: field} of what the record shows of a row."""
    return {name: f for name, f in model.tracked_fields().items() if name not in SELF_EVIDENT}


def names_in(model: type[Tracked], rows: Iterable[Any]) -> set[Any]:
    """Return the ids of all users that these rows, or versions of rows, name."""
    people = [name for name, field in fields_of(model).items() if _is_person(field)]
    return {key for row in rows for name in people if (key := getattr(row, name))}


def people(keys: set[Any]) -> dict[Any, str]:
    """Return {id: name} of users, in one query."""
    return {key: str(user) for key, user in get_user_model().objects.in_bulk(keys).items()}


def texts(model: type[Tracked], name: str, value: Any, named: dict[Any, str]) -> list[str]:
    """Return a value as people read it; nothing for an empty one. `named` maps ids to names."""
    field = model.tracked_fields()[name]
    if _is_person(field):
        return [named.get(value, str(value))] if value else []
    if field.choices and value:
        return [str(dict(field.flatchoices).get(value, value))]
    if isinstance(value, list):
        return [str(_blank(model).displayed(name, _item(each))) for each in value]
    shown = text(value)
    return [str(_blank(model).displayed(name, shown))] if shown else []


@functools.cache
def _blank(model: type[Tracked]) -> Tracked:
    """Return an empty row, to ask how values of its fields are read."""
    return model()


def _is_person(field: models.Field) -> bool:
    return field.is_relation and field.related_model is get_user_model()


def text(value: Any) -> str:
    """Return a single value as people read it; empty for None."""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, datetime.datetime):
        form = pgettext("full date and time", "l j F Y, H:i:s")
        return date_format(timezone.localtime(value), form)
    if isinstance(value, dict):
        return ", ".join(f"{key}: {text(each)}" for key, each in value.items())
    return "" if value is None else str(value)


def _item(value: Any) -> str:
    """Return one of several: of what was disclosed, the label with the values."""
    if isinstance(value, dict) and {"label", "value"} <= value.keys():
        return f"{value['label']}: {', '.join(map(str, value['value']))}"
    return text(value)
