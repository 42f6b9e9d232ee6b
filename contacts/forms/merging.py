"""The form in which two contacts are put side by side, and each value is chosen."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import QueryDict

from contacts.forms.acting import ReasonForm
from contacts.models import Contact
from contacts.values import read_tags

THIS, OTHER, BOTH = "this", "other", "both"
LONG_TEXT = "notes"  # both of them can be kept, one below the other


@dataclass(frozen=True)
class Side:
    """What one of the two holds in a field: `value` to send, `text` to read."""

    value: str
    text: Any
    is_chosen: bool


@dataclass(frozen=True)
class Line:
    """A field of both: to choose from, to tick from where it is a list, or the same in both."""

    name: str
    label: str
    sides: tuple[list[Side], list[Side]]
    is_list: bool = False
    is_same: bool = False
    offers_both: bool = False
    takes_both: bool = False


class MergeForm(ReasonForm):
    """Which value of which contact the survivor takes; what was not sent is as offered first.

    `version` and `other_version` are those of the contacts that were looked at; a form without
    them counts as one that saw other versions.
    """

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    other_version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, contact: Contact, other: Contact, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.contact, self.other = contact, other
        self.initial["version"], self.initial["other_version"] = contact.version, other.version
        self.fields["reason"].widget.attrs |= {"class": "input", "autocomplete": "off"}
        sent = self.data if isinstance(self.data, QueryDict) else QueryDict()
        self.lines = [
            self._line(name, label, sent)
            for name, label in Contact.recoverable().items()
            if getattr(contact, name) or getattr(other, name)
        ]

    def clean(self) -> dict[str, Any]:
        """Refuse more tags than a contact can have."""
        tags = self.values().get("tags", [])
        if len(tags) > max(len(self.contact.tags), len(self.other.tags)):
            read_tags(tags)
        return self.cleaned_data

    @property
    def is_stale(self) -> bool:
        """Tell whether one of them was changed since they were looked at."""
        looked_at = (self.cleaned_data["version"], self.cleaned_data["other_version"])
        return looked_at != (self.contact.version, self.other.version)

    def renew(self) -> None:
        """Have the form hold the contacts as they are now; what was chosen stays."""
        data: Any = self.data.copy()
        data["version"], data["other_version"] = self.contact.version, self.other.version
        self.data = data

    def values(self) -> dict[str, Any]:
        """Return {attribute: value} of what was chosen."""
        return {line.name: self._chosen(line) for line in self.lines if not line.is_same}

    @property
    def to_choose(self) -> list[Line]:
        """Return the fields in which the two differ."""
        return [line for line in self.lines if not line.is_same]

    @property
    def same(self) -> list[Line]:
        """Return the fields in which both hold the same."""
        return [line for line in self.lines if line.is_same]

    def _chosen(self, line: Line) -> Any:
        here, there = (getattr(each, line.name) for each in (self.contact, self.other))
        if line.is_list:
            ticked = {side.value for part in line.sides for side in part if side.is_chosen}
            return [each for each in dict.fromkeys([*here, *there]) if each in ticked]
        if line.takes_both:
            return _below(here, there)
        return here if line.sides[0][0].is_chosen else there

    def _line(self, name: str, label: str, sent: QueryDict) -> Line:
        here, there = (getattr(each, name) for each in (self.contact, self.other))
        shown = [each.displayed(name, getattr(each, name)) for each in (self.contact, self.other)]
        if here == there:
            return Line(name, label, ([Side(THIS, shown[0], True)], []), is_same=True)
        if isinstance(here, list):
            kept = sent.getlist(f"keep_{name}") if f"listed_{name}" in sent else [*here, *there]
            mine = [Side(v, t, v in kept) for v, t in zip(here, shown[0], strict=True)]
            theirs = [Side(v, t, v in kept) for v, t in zip(there, shown[1], strict=True)]
            return Line(name, label, (mine, [s for s in theirs if s.value not in here]), True)
        offers_both = bool(name == LONG_TEXT and here and there) and _fit(here, there)
        asked = sent.get(f"take_{name}", "")
        offered = {THIS, OTHER, BOTH} if offers_both else {THIS, OTHER}
        chosen = asked if asked in offered else self._offered(here, there, offers_both)
        mine, theirs = shown
        sides = ([Side(THIS, mine, chosen == THIS)], [Side(OTHER, theirs, chosen == OTHER)])
        return Line(name, label, sides, offers_both=offers_both, takes_both=chosen == BOTH)

    def _offered(self, here: Any, there: Any, offers_both: bool) -> str:
        """Return what is offered first: what is there, what is longer, then what is newer."""
        if offers_both:
            return BOTH
        if not (here and there):
            return THIS if here else OTHER
        if isinstance(here, str) and _begins(here, there):
            return THIS if len(here) > len(there) else OTHER
        newer = self.other.last_activity_at > self.contact.last_activity_at
        return OTHER if newer else THIS


def _below(one: str, two: str) -> str:
    return f"{one.strip()}\n\n{two.strip()}"


def _fit(one: str, two: str) -> bool:
    """Tell whether a contact can hold both texts: nobody could edit it otherwise."""
    return len(_below(one, two)) <= Contact._meta.get_field(LONG_TEXT).max_length


def _begins(one: str, two: str) -> bool:
    """Tell whether the shorter text begins the longer one, as the initial of a name does."""
    short, long = sorted((one.casefold().rstrip(". "), two.casefold()), key=len)
    return long.startswith(short.rstrip(". "))
