"""Which entries of a contact's record a reader wants to see, and which may be seen."""

from dataclasses import dataclass, replace
from typing import Any, Self

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.fields.json import KT
from django.http import QueryDict

from activity.catalogue import PRIVATE
from activity.filters import Filters
from activity.saying import SHOWN, has, mentions, told
from contacts.models import Comment

# What else of a payload the record shows.
SAID = (*SHOWN, "to", "error", "disclosed", "name")


@dataclass(frozen=True)
class RecordFilters(Filters):
    """The filters of a timeline, for the record: nothing is left out unless it was asked to be.

    Two rights of the reader are in it: `moderates`, to read what a deleted comment said, and
    `administers`, to see kinds that are private.
    """

    moderates: bool = False
    administers: bool = False

    @classmethod
    def asked(cls, query: QueryDict, viewer: Any) -> Self:
        """Return the filters of an address, with the viewer's rights."""
        return replace(
            cls.read(query),
            moderates=viewer.has_perm("contacts.moderate_comment"),
            administers=viewer.has_perm("activity.view_activityevent"),
        )

    def __bool__(self) -> bool:
        """Tell whether anything is filtered at all; rights are no filter."""
        return replace(self, moderates=False, administers=False) != type(self)()

    def of_kinds(self, events: QuerySet) -> QuerySet:
        """Return the events of the kinds asked for; by default all that the reader may see."""
        if not self.administers:
            events = events.exclude(verb__in=PRIVATE)
        return events.filter(verb__in=self.kinds) if self.kinds else events

    def says(self) -> Q:
        """Return what holds for events whose entry shows the words, in any of its versions.

        What a deleted comment said is found by those only who may read it.
        """
        shown = Q(has(told(SAID), self.words))
        if not self.moderates:
            deleted = Comment.objects.filter(pk=OuterRef("object_id")).exclude(deleted_at=None)
            shown &= ~Q(Exists(deleted), object_type="comment")
        return mentions(self.words) & (shown | Q(has(KT("payload__actor"), self.words)))
