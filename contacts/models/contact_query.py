"""Contacts by state, words and address, and the one that an action is about to change."""

from collections.abc import Iterable
from contextlib import suppress
from typing import Any, Self
from uuid import UUID

from django.contrib.postgres.search import SearchQuery, SearchVectorField
from django.db import models
from django.db.models import Exists, Func
from django.db.models.functions import Coalesce
from django.shortcuts import get_object_or_404

from contacts.models.composed import Composed, any_of
from contacts.models.deletion import DeletedContact
from contacts.models.tracking import TrackedQuerySet

SEARCH_MAX_LENGTH = 200  # characters; more than anybody types
SHORT = 2  # letters that very many words begin with


class ContactGone(Exception):
    """The contact was deleted; `receipt` is what is left of it."""

    def __init__(self, receipt: DeletedContact) -> None:
        super().__init__(f"Contact {receipt.pk} was deleted.")
        self.receipt = receipt


class ContactMerged(Exception):
    """The contact was merged into another: nothing can be done with it by itself any more."""

    def __init__(self, contact: Any) -> None:
        super().__init__(f"Contact {contact.pk} was merged into {contact.merged_into}.")
        self.contact = contact


class PrefixQuery(SearchQuery):
    """A full-text query in which each word may be the beginning of one (annals_query in SQL)."""

    function = "annals_query"

    def __init__(self, words: str) -> None:
        # What PostgreSQL can't hold in a text (NUL, half of a surrogate pair) is in no contact.
        text = words.replace("\x00", " ").encode("utf-8", "replace").decode()
        Func.__init__(self, models.Value(text[:SEARCH_MAX_LENGTH]))
        self.invert = False


def _is_word(typed: str) -> bool:
    """Tell whether it is more than digits, which are read as a number where they stand alone."""
    return any(map(str.isalpha, typed))


class ContactQuerySet(TrackedQuerySet):
    """Contacts by state, words and people."""

    def unmerged(self) -> Self:
        """Return those that are contacts of their own: not merged into another one."""
        return self.filter(merged_into=None)

    def active(self) -> Self:
        """Return those that are not archived."""
        return self.filter(archived_at=None)

    def archived(self) -> Self:
        """Return those that are archived."""
        return self.exclude(archived_at=None)

    def search(self, words: str, *, indexed: bool = True) -> Self:
        """Return those in which each word begins a word, whatever its case and accents.

        Without `indexed` the database checks row by row: for a few rows chosen otherwise.
        """
        if indexed:
            # The index would put together all that begins with a letter or two: that is checked.
            telling = [each for each in words.split() if len(each) > SHORT and _is_word(each)]
            if telling and len(telling) < len(words.split()):
                return self.search(" ".join(telling)).search(words, indexed=False)
            return self.filter(search=PrefixQuery(words))
        # An expression where the index has a column.
        checked = Coalesce("search", "search", output_field=SearchVectorField())
        return self.alias(checked=checked).filter(checked=PrefixQuery(words))

    def present(self, pk: Any) -> Any:
        """Return the contact.

        Raises ContactGone where it was deleted, ContactMerged where it was merged into another,
        Http404 where there never was one.
        """
        return self._present(self.filter(pk=pk).first(), pk)

    def on_page(self, pk: UUID, viewer: UUID) -> Any:
        """Return the contact as its page shows it to a user: its owner, and `is_followed`.

        Raises what `present` raises.
        """
        return self._present(next(iter(_on_page.ask(pk, viewer, shape=(self.model,))), None), pk)

    def _present(self, found: Any, pk: Any) -> Any:
        if found is None:
            raise ContactGone(get_object_or_404(DeletedContact, pk=pk))
        if found.merged_into:
            raise ContactMerged(found)
        return found

    def locked(self, pk: Any) -> Any:
        """Return the contact, locked until the transaction ends. Raises what `present` raises.

        A merged one is never waited for: who needs it locks its survivor first.
        """
        rows = self.select_for_update().filter(merged_into=None)
        while (found := rows.filter(pk=pk).first()) is None:
            self.present(pk)
        return found

    def locked_with_survivor(self, pk: Any) -> Any:
        """Return the contact, locked; where it was merged, after its survivor.

        For what goes on with a merged contact: its mails, its portal, what stands on its rows.
        Raises ContactGone, Http404.
        """
        while True:
            try:
                return self.locked(pk)
            except ContactMerged as merged:
                survivor = merged.contact.survivor.pk
            with suppress(ContactMerged):  # merged on since: once more
                self.locked(survivor)
                return self.select_for_update().get(pk=pk)

    def locked_pair(self, *pks: Any) -> dict[Any, Any]:
        """Return {id: contact} of two that may be one person, locked but for one that is merged.

        Whoever locks two does it in the order of their ids, so that nobody waits in a circle.
        Raises ContactGone, Http404.
        """
        rows = self.unmerged().filter(pk__in=pks).select_for_update().order_by("pk")
        found = {each.pk: each for each in rows}
        for pk in set(pks) - found.keys():
            try:
                found[pk] = self.present(pk)
            except ContactMerged as merged:
                found[pk] = merged.contact
        return found

    def with_address(self, email: str) -> Self:
        """Return those that have that email address, whatever its case."""
        return self.filter(emails__contains=[email.strip().lower()])

    def for_timeline(self, ids: Iterable[UUID]) -> dict[UUID, Any]:
        """Return {id: contact} with all that rows of a timeline show of them."""
        found = _on_timeline.ask(list(ids), shape=(self.model,))
        return {contact.pk: contact for contact in found}


def _for_page(model: Any, pk: UUID, viewer: UUID) -> Any:
    follows = model._meta.apps.get_model("contacts", "Follow").objects.by(viewer)
    contacts = model.objects.select_related("owner").defer("search")
    return contacts.annotate(is_followed=Exists(follows)).filter(pk=pk)


_on_page = Composed(_for_page)
_on_timeline = Composed(
    lambda model, ids: model.objects.defer("search", "notes").filter(any_of(ids)).order_by()
)
