"""Deleting a contact for good, with all that belongs to it."""

from typing import Any

from django.conf import settings
from django.db import models, transaction

from contacts.models.changes import Change, deleted
from contacts.models.deletion import DeletedContact, fingerprint
from contacts.models.import_failure import Identity, ImportFailure
from contacts.models.tracking import Tracked


class Erasable(models.Model):
    """The part of a contact that says what goes with it, and lets it go."""

    pk: Any
    emails: list[str]
    phones: list[str]
    given_name: Any
    family_name: Any
    name: Any
    history: Any
    loaded: dict[str, Any]
    deliveries: Any
    attachments: Any
    invitations: Any
    announce: Any  # these are those of Contact and Tracked

    class Meta:
        abstract = True

    def belongings(self) -> dict[str, int]:
        """Return how much there is of each kind of thing that goes with this contact."""
        things = ("comments", "messages", "invitations", "shares", "attachments")
        counts = {name: getattr(self, name).count() for name in things}
        return counts | {"unsent": self.deliveries.queued().count()}

    def delete(self, *, reason: str = "", **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Erase the contact with all that belongs to it; a receipt stays (ledger.md, section 4).

        The receipt says why, how much went of each kind, and a keyed fingerprint of each address.
        Portal accounts that open nothing else are closed. Returns what Django's `delete` does.
        """
        pk, before, name = self.pk, self.loaded, self.name
        with transaction.atomic(savepoint=False):
            counts = self.belongings() | {
                "deliveries": self.deliveries.count(),
                "versions": self._count_versions(),
                "import_rows": ImportFailure.objects.forget(self._identity()),
            }
            for attachment in self.attachments.all():
                attachment.discard_file()
            accounts = [each.account for each in self.invitations.exclude(account=None)]
            gone = super().delete(**kwargs)
            self.pk = pk
            closed = {
                account.pk: account
                for account in accounts
                if not account.role and not account.invitations.exists()
            }
            for account in closed.values():
                account.close()
            DeletedContact.objects.create(
                contact_id=pk, name=name if settings.DELETED_NAME_DAYS else ""
            )
            receipt = {
                "reason": reason.strip(),
                "counts": counts | {"accounts": len(closed)},
                "fingerprints": [fingerprint(each) for each in (*self.emails, *self.phones)],
            }
            self.announce([Change(self, "contact.deleted", before, {}, receipt)])
            deleted.send(sender=type(self), contact_id=pk, accounts=list(closed))
        return gone

    delete.alters_data = True

    def _identity(self) -> Identity:
        """Return all names, emails and phones that the contact has or had."""
        rows = self.history.values_list("emails", "phones", "given_name", "family_name")
        versions = [*rows, (self.emails, self.phones, self.given_name, self.family_name)]
        return Identity(
            emails={email for emails, *_rest in versions for email in emails},
            phones={phone for _emails, phones, *_rest in versions for phone in phones},
            names={(given, family) for *_addresses, given, family in versions},
        )

    def _count_versions(self) -> int:
        return sum(
            model.history.model._base_manager.filter(**{model.contact_column: self.pk}).count()
            for model in Tracked.__subclasses__()
        )
