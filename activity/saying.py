"""Conditions that an event says some words, whatever their case and accents."""

import unicodedata
from collections.abc import Iterable
from functools import reduce
from operator import or_
from typing import Any

from django.conf import settings
from django.db.models import (
    Case,
    F,
    Func,
    IntegerField,
    OuterRef,
    Q,
    Subquery,
    TextField,
    Value,
    When,
)
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Length, Lower
from django.db.models.lookups import Contains, Exact, IsNull
from django.utils.translation import get_language

from activity.labels import fields_called
from contacts.models import Comment

# What of a payload people see: reasons, file names, labels of fields, and values, one by one.
SHOWN = ("reason", "file", "label", "old", "new")


def says(words: str) -> Q:
    """Return what holds for events whose row shows the words, whatever case and accents.

    A comment is shown as it reads now: what it said before it was edited or deleted is not found.
    """
    comments = Comment.objects.filter(pk=OuterRef("object_id"), deleted_at=None)
    said = Q(has(KT("payload__actor"), words)) | Q(
        has(told(SHOWN), words), ~Q(object_type="comment")
    )
    wanted = comments.filter(has(F("body"), words, is_column=True)).order_by()
    # For EXISTS beside OR, PostgreSQL would read the comments of all contacts.
    has_it = IsNull(Subquery(wanted.values("pk")[:1]), False)
    in_comment = Q(has_it, object_type="comment")
    return mentions(words) & said | in_comment | _changes_what_is_called(words)


def _changes_what_is_called(words: str) -> Q:
    """Return what holds for changes of fields whose names have the words in the reader's language.

    In English they are part of the payload.
    """
    if get_language() == settings.LANGUAGE_CODE:
        return Q()
    named = [
        Q(object_type=noun, payload__contains={"changes": [{"field": name}]})
        for noun, name in fields_called(words)
        if noun != "comment"
    ]
    return reduce(or_, named, Q())


def told(keys: Iterable[str]) -> Func:
    """Return the values of these keys, wherever in a payload they stand, as lines of one text."""
    named = " || ".join(f'@.key == "{key}"' for key in keys)
    return Func(
        "payload",
        Value(f'$.** ? (@.type() == "object").keyvalue() ? ({named}).value[*]'),
        template="array_to_string(ARRAY(SELECT told #>> '{}' FROM"
        " jsonb_path_query(%(expressions)s::jsonpath) AS told), E'\\n')",
    )


def mentions(words: str) -> Q:
    """Return a condition that holds for all payloads in which a value has the words, and others.

    It costs a tenth of looking at each value, which is left for those that pass. What JSON writes
    in another way cannot be looked for like this.
    """
    if '"' in (plain := unicodedata.normalize("NFKD", words)) or "\\" in plain:
        return Q()
    return (
        Q(has(Cast("payload", TextField()), words, is_column=True)) if plain.isprintable() else Q()
    )


def has(text: Any, words: str, *, is_column: bool = False) -> Any:
    """Return the condition that a text has the words in it, whatever their case and accents.

    A column is looked at first: most are ASCII, and fold in a tenth of the time.
    """
    folded: Any = Func(text, function="annals_fold", output_field=TextField())
    if is_column:
        is_plain = Exact(
            Func(text, function="octet_length", output_field=IntegerField()), Length(text)
        )
        folded = Case(When(is_plain, then=Lower(text)), default=folded, output_field=TextField())
    return Contains(folded, Func(Value(words), function="annals_fold", output_field=TextField()))
