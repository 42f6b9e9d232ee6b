"""What was typed into the log's search field: a person, a contact, a value, or an entry number."""

import re
from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

from django.contrib.auth import get_user_model
from django.contrib.postgres.search import SearchQuery, SearchVectorExact, SearchVectorField
from django.db.models import F, Func, Q, TextField, Value
from django.db.models.functions import Coalesce, Concat
from django.db.models.lookups import Contains

from activity import asked
from activity.catalogue import KINDS
from activity.models.event import words_of_payload
from contacts.filtering import ORDERS
from contacts.models import Contact, ContactQuerySet, DeletedContact
from contacts.paging import Matches
from contacts.searching import Telling

PEOPLE = 20  # members of the team of one name
SHORTEST = 3  # letters of a word's beginning
CONTACTS = 100  # contacts of one name, those last active

UNSAID = sorted(kind.verb for kind in KINDS if kind.verb.startswith("comment."))

# "48,219", "#48219", "48 219" and the like
_NUMBER = re.compile(r"#?\d{1,3}(?:[\s.,'’\u202f]\d{3})+|#?\d{1,18}", re.ASCII)
_PHONE = re.compile(r"[+0-9 ()./-]+", re.ASCII)


class Beginnings(SearchQuery):
    """A full-text query whose last word may be the beginning of one, as it is still being typed.

    The index finds a word at once, but has to put together all that begin alike: so what begins
    with a few letters or digits is taken as it stands.
    """

    def __init__(self, typed: str) -> None:
        words = [
            "'" + word.replace("\\", "\\\\").replace("'", "''") + "'" for word in typed.split()
        ]
        if words and _may_go_on(typed.rsplit(maxsplit=1)[-1]):
            words[-1] += ":*"
        super().__init__(" & ".join(words), config="simple", search_type="raw")


@dataclass(frozen=True)
class Words:
    """What the words may stand for. An entry matches where any of it holds.

    `number` is an entry's. `people` and `contacts` are those of that name. Besides, the words may
    stand in what an entry recorded.
    """

    typed: str
    number: int | None = None
    uid: UUID | None = None
    people: tuple[UUID, ...] = ()
    contacts: tuple[UUID, ...] = ()

    @classmethod
    def find(cls, typed: str) -> Self:
        """Look up whom the words name, in three queries."""
        if _NUMBER.fullmatch(typed):
            return cls(typed, number=int(re.sub(r"\D", "", typed)))
        if uid := asked.uuid(typed):
            return cls(typed, uid=uid)
        return cls(typed, people=_people(typed), contacts=_contacts(typed))

    @property
    def are_too_many(self) -> bool:
        """Tell whether more contacts have that name than are looked for."""
        return len(self.contacts) >= CONTACTS

    @property
    def named(self) -> Q:
        """Return what holds for the one entry whose number or id it is."""
        return Q(id=self.number) if self.number is not None else Q(uid=self.uid)

    def recorded(self, *, indexed: bool = True) -> Q:
        """Return what holds for the entries that recorded the words.

        What was commented is found where it stands, with its contact: it may be deleted there.
        Without `indexed` the database checks row by row: for a few rows chosen otherwise.
        """
        words = words_of_payload()
        # An expression that no index knows.
        text = words if indexed else Coalesce(words, words, output_field=SearchVectorField())
        said = SearchVectorExact(text, Beginnings(self.typed))
        return Q(said) & ~Q(verb__in=UNSAID)

    def conditions(self, *, indexed: bool = True) -> Q:
        """Return what holds for the entries that match; `indexed` as in `recorded`."""
        return (
            self.named
            | Q(actor_id__in=self.people)
            | Q(contact_id__in=self.contacts)
            | self.recorded(indexed=indexed)
        )


def _may_go_on(word: str) -> bool:
    return len(word) >= SHORTEST and any(map(str.isalpha, word))


def _people(typed: str) -> tuple[UUID, ...]:
    team = get_user_model().objects.filter(groups__isnull=False)
    found = team.filter(
        _says(_folded(Concat("name", Value(" "), "email", output_field=TextField())), typed)
    )
    return tuple(found.order_by("name").values_list("pk", flat=True)[:PEOPLE])


def _contacts(typed: str) -> tuple[UUID, ...]:
    def look_up() -> tuple[ContactQuerySet, bool]:
        telling = Telling.of(typed)
        return _called(typed, telling.lead(Contact.objects.all(), typed)), telling.are_few

    rows, checked = (Contact.objects.search(typed, indexed=each) for each in (True, False))
    matches = Matches(_called(typed, rows), _called(typed, checked), look_up=look_up)
    living = matches.take(CONTACTS, ORDERS["-activity"], None)
    gone = DeletedContact.objects.exclude(name="").filter(_says(_folded(F("name")), typed))
    names = gone.order_by("-deleted_at").values_list("pk", flat=True)[:CONTACTS]
    return (*(contact.pk for contact in living), *names)


def _called(typed: str, found: ContactQuerySet) -> ContactQuerySet:
    """Return those of the contacts that have that name, company, address or number.

    The list of contacts also finds them by title, town and tags; here these would bring entries
    without any reason that could be seen.
    """
    found = found.only("id", "last_activity_at")
    if "@" not in typed and not _PHONE.fullmatch(typed):
        for word in typed.split():
            found = found.filter(_says(F("sort_name"), word) | Q(organisation__icontains=word))
    return found


def _folded(text: Any) -> Func:
    return Func(text, function="annals_fold", output_field=TextField())


def _says(text: Any, typed: str) -> Q:
    return Q(Contains(text, _folded(Value(typed))))
