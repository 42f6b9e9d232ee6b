"""Deleting a contact for good, with all that belongs to it."""

from collections.abc import Sequence
from typing import Any, Self

from django.conf import settings
from django.db import models, transaction

from contacts.models.changes import Change, deleted
from contacts.models.deletion import COUNTED, DeletedContact, fingerprint
from contacts.models.import_failure import Identity, ImportFailure
from contacts.models.saved_view import SavedView
from contacts.models.tag import Tag
from contacts.models.tracking import Tracked


class Erasable(models.Model):
    """The part of a contact that says what goes with it, and lets it go."""

    pk: Any
    emails: list[str]
    phones: list[str]
    merged_ids: list[Any]
    tags: list[str]
    given_name: Any
    family_name: Any
    name: Any
    history: Any
    loaded: dict[str, Any]
    deliveries: Any
    attachments: Any
    comment_files: Any
    invitations: Any
    announce: Any  # these are those of Contact and Tracked

    class Meta:
        abstract = True

    def belongings(self) -> dict[str, int]:
        """Return how much there is of each kind of thing that goes with this contact."""
        things = ("comments", "messages", "invitations", "shares", "attachments")
        counts = {name: getattr(self, name).count() for name in things}
        counts["attachments"] += self.comment_files.count()
        return counts | {"unsent": self.deliveries.queued().count()}

    def delete(self, *, reason: str = "", **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Erase the contact with all that belongs to it; a receipt stays (ledger.md, section 4).

        The receipt says why, how much went of each kind, and a keyed fingerprint of each address.
        Portal accounts that open nothing else are closed. What was merged into the contact goes
        with it, each with a receipt of its own. Returns what Django's `delete` does.
        """
        pk, before, name = self.pk, self.loaded, self.name
        with transaction.atomic(savepoint=False):
            self._delete_merged(reason)
            identity = self._identity()
            counts = self.belongings() | {
                "deliveries": self.deliveries.count(),
                "versions": self._count_versions(),
                "import_rows": ImportFailure.objects.forget(identity),
            }
            for kept in (*self.attachments.all(), *self.comment_files.all()):
                kept.discard_file()
            accounts = {
                each.account
                for each in self.invitations.exclude(account=None).select_related("account")
            }
            gone = super().delete(**kwargs)
            self.pk = pk
            closed = [account.pk for account in accounts if _close(account)]
            # A run imports contacts, not the other way round.
            self._meta.apps.get_model("contacts", "BulkRun").objects.forget([pk])
            Tag.forget_unused(identity.tags, type(self).objects.order_by())
            SavedView.objects.forget(identity)
            DeletedContact.objects.create(
                contact_id=pk, name=name if settings.DELETED_NAME_DAYS else ""
            )
            self.announce([self._farewell(before, reason, counts | {"accounts": len(closed)})])
            deleted.send(sender=type(self), contact_ids=[pk], accounts=closed)
        return gone

    delete.alters_data = True

    @classmethod
    def erase(cls, contacts: Sequence[Self], *, reason: str = "") -> None:
        """Erase contacts that nobody has ever acted on, as `delete` does, in a few statements.

        Each is as it was when it was created, nothing belongs to it, and it is locked.
        """
        if not contacts:
            return
        ids = [contact.pk for contact in contacts]
        counts = dict.fromkeys(COUNTED, 0) | {"versions": 1}
        with transaction.atomic(savepoint=False):
            identities = [contact._identity_now() for contact in contacts]
            ImportFailure.objects.forget(*identities)
            models.QuerySet(cls).filter(pk__in=ids).delete()
            cls._meta.apps.get_model("contacts", "BulkRun").objects.forget(ids)
            Tag.forget_unused({t for each in contacts for t in each.tags}, cls.objects.order_by())
            SavedView.objects.forget(*identities)
            DeletedContact.objects.bulk_create(
                DeletedContact(contact_id=pk, name=each.name if settings.DELETED_NAME_DAYS else "")
                for pk, each in zip(ids, contacts, strict=True)
            )
            farewells = [each._farewell(each.loaded, reason, counts) for each in contacts]
            contacts[0].announce(farewells)
            deleted.send(sender=cls, contact_ids=ids, accounts=[])

    def _farewell(self, before: dict[str, Any], reason: str, counts: dict[str, int]) -> Change:
        """Return what is announced of its deletion: the receipt."""
        receipt = {
            "reason": reason.strip(),
            "counts": counts,
            "fingerprints": [fingerprint(each) for each in (*self.emails, *self.phones)],
        }
        row: Any = self
        return Change(row, "contact.deleted", before, {}, receipt)

    def _identity_now(self) -> Identity:
        return Identity(
            emails=set(self.emails),
            phones=set(self.phones),
            names={(self.given_name, self.family_name)},
            tags=set(self.tags),
        )

    def _delete_merged(self, reason: str) -> None:
        """Delete the contacts that were merged into this one, which is locked already."""
        rows = type(self).objects.select_for_update()
        locked = {pk: rows.filter(pk=pk).first() for pk in self.merged_ids}
        for merged in filter(None, reversed(locked.values())):
            merged.merged_ids = []  # they stand in this one's, and are gone by now
            merged.delete(reason=reason)

    def _identity(self) -> Identity:
        """Return what the contact is called and reached by, and was."""
        versions = [self, *self.history.all()]
        return Identity(
            emails={email for version in versions for email in version.emails},
            phones={phone for version in versions for phone in version.phones},
            names={(version.given_name, version.family_name) for version in versions},
            tags={tag for version in versions for tag in version.tags},
        )

    def _count_versions(self) -> int:
        return sum(
            model.history.model._base_manager.filter(**{model.contact_column: self.pk}).count()
            for model in Tracked.__subclasses__()
        )


def _close(account: Any) -> bool:
    """Close an account that opens nothing any more: neither a portal nor the team's pages."""
    if account.role or account.invitations.exists():
        return False
    account.close()
    return True
