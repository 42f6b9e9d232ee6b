"""Who of the people in a file is here already: by an external id, or by an email."""

from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q

from contacts.models.contact import Contact
from contacts.models.contact_query import ContactQuerySet

# What is told of somebody who is here, and enough to tell who it is.
_TOLD = (
    *("honorific", "given_name", "family_name", "suffix", "organisation", "emails", "phones"),
    *("external_ids", "archived_at", "merged_into"),
)


def candidates(emails: Collection[str], external_ids: Collection[str]) -> ContactQuerySet:
    """Return the contacts that have one of these emails or external ids, merged ones among them."""
    found = Q(pk__in=[])
    if emails:
        found |= Q(emails__overlap=list(emails))
    if external_ids:
        found |= Q(external_ids__overlap=list(external_ids))
    return Contact.objects.filter(found).order_by()


class Matches:
    """The contacts that some rows may be about, by what they are known by.

    Whoever was merged into another contact is that other one.
    """

    def __init__(self, rows: Iterable[Contact], *, whole: bool, lock: bool) -> None:
        """Look for the people of these rows.

        `whole` reads all of them, to find out what would change; `lock` has others wait for us.
        """
        rows = list(rows)
        emails = {email for row in rows for email in row.emails}
        external = {each for row in rows for each in row.external_ids}
        self.contacts: dict[UUID, Contact] = {}
        self._by_external_id: dict[str, set[UUID]] = {}
        self._by_email: dict[str, set[UUID]] = {}
        if emails or external:
            self._find(emails, external, whole, lock)

    def of(self, row: Contact) -> list[Contact]:
        """Return who a row is about: by its external ids, or where those say nothing, its emails.

        More than one means that nobody can tell.
        """
        ids = _ids(self._by_external_id, row.external_ids) or _ids(self._by_email, row.emails)
        return [self.contacts[pk] for pk in sorted(ids)]

    def all_of(self, row: Contact) -> list[Contact]:
        """Return everybody who has one of a row's external ids or emails."""
        ids = _ids(self._by_external_id, row.external_ids) | _ids(self._by_email, row.emails)
        return [self.contacts[pk] for pk in sorted(ids)]

    def shared(self, row: Contact, contact: Contact) -> str:
        """Return by what a row is about a contact: the external id or email that both have."""
        known = [(self._by_external_id, each) for each in row.external_ids]
        known += [(self._by_email, each) for each in row.emails]
        return next(each for index, each in known if contact.pk in index.get(each, ()))

    def _find(self, emails: set[str], external: set[str], whole: bool, lock: bool) -> None:
        with connection.cursor() as cursor:
            # PostgreSQL expects hundreds of emails to match most of a table that has just grown,
            # and would read all of it (measured among 37,000 contacts: 870 ms instead of 24 ms).
            cursor.execute("SET LOCAL enable_seqscan = off")
            found = list(candidates(emails, external).only(*_TOLD))
            cursor.execute("SET LOCAL enable_seqscan TO DEFAULT")
        heirs = _heirs(found)
        self.contacts = _loaded(set(heirs.values()), whole, lock)
        for contact in found:
            heir = heirs[contact.pk]
            if heir in self.contacts:
                for value in external.intersection(contact.external_ids):
                    self._by_external_id.setdefault(value, set()).add(heir)
                for value in emails.intersection(contact.emails):
                    self._by_email.setdefault(value, set()).add(heir)


def _ids(index: dict[str, set[UUID]], values: Iterable[str]) -> set[UUID]:
    return {pk for value in values for pk in index.get(value, ())}


def _heirs(found: Iterable[Contact]) -> dict[UUID, UUID]:
    """Return {id: id of the contact that it lives on in} of these contacts."""
    into: dict[UUID, UUID | None] = {contact.pk: contact.merged_into for contact in found}
    while unknown := {pk for pk in into.values() if pk and pk not in into}:
        into |= dict(Contact.objects.filter(pk__in=unknown).values_list("pk", "merged_into"))
    heirs: dict[UUID, UUID] = {}
    for contact in into:
        heir: Any = contact
        while into[heir]:
            heir = into[heir]
        heirs[contact] = heir
    return heirs


def _loaded(ids: set[UUID], whole: bool, lock: bool) -> dict[UUID, Contact]:
    """Return those contacts that are still there and not merged meanwhile."""
    rows = Contact.objects.filter(pk__in=ids, merged_into=None).order_by("pk")
    rows = rows.defer("search", "sort_name") if whole else rows.only(*_TOLD)
    return {contact.pk: contact for contact in (rows.select_for_update() if lock else rows)}
