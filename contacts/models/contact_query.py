"""Contacts by state, words and address, and the one that an action is about to change."""

from typing import Any, Self

from django.contrib.postgres.search import SearchQuery, SearchVectorField
from django.db import models
from django.db.models import Func
from django.db.models.functions import Coalesce
from django.shortcuts import get_object_or_404

from contacts.models.deletion import DeletedContact
from contacts.models.tracking import TrackedQuerySet

SEARCH_MAX_LENGTH = 200  # characters; more than anybody types


class ContactGone(Exception):
    """The contact was deleted; `receipt` is what is left of it."""

    def __init__(self, receipt: DeletedContact) -> None:
        super().__init__(f"Contact {receipt.pk} was deleted.")
        self.receipt = receipt


class PrefixQuery(SearchQuery):
    """A full-text query in which each word may be the beginning of one (annals_query in SQL)."""

    function = "annals_query"

    def __init__(self, words: str) -> None:
        # What PostgreSQL can't hold in a text (NUL, half of a surrogate pair) is in no contact.
        text = words.replace("\x00", " ").encode("utf-8", "replace").decode()
        Func.__init__(self, models.Value(text[:SEARCH_MAX_LENGTH]))
        self.invert = False


class ContactQuerySet(TrackedQuerySet):
    """Contacts by state, words and people."""

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
            return self.filter(search=PrefixQuery(words))
        # An expression where the index has a column.
        checked = Coalesce("search", "search", output_field=SearchVectorField())
        return self.alias(checked=checked).filter(checked=PrefixQuery(words))

    def locked(self, pk: Any) -> Any:
        """Return the contact, locked until the transaction ends.

        Raises ContactGone where it was deleted, Http404 where there never was one.
        """
        found = self.select_for_update().filter(pk=pk).first()
        if found is None:
            raise ContactGone(get_object_or_404(DeletedContact, pk=pk))
        return found

    def with_address(self, email: str) -> Self:
        """Return those that have that email address, whatever its case."""
        return self.filter(emails__contains=[email.strip().lower()])
