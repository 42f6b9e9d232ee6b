"""Undoing that an invitation was revoked: within a moment, by who did it."""

from datetime import datetime
from typing import Any

from django.core import signing
from django.db.models import Q

from contacts.models.blocking import UNDO_TIME, TooLate
from contacts.models.delivery import Delivery
from contacts.models.link import Link

SALT = "contacts.invitation.reopen"


class Reopenable:
    """The part of an invitation that takes a revocation back.

    A link that was taken back is deleted at once. What it takes to put it there again, its digest,
    is signed and handed to who revoked it, and is kept nowhere else.
    """

    answered_at: Any

    def revoke_for_now(self, by: Any) -> str:
        """Revoke it, and return what `reopen` needs; nothing where it was not open.

        Call it with the contact locked.
        """
        links = [
            (digest, bool(recipient), made_at.isoformat())
            for digest, recipient, made_at in self.links.values_list(
                "digest", "recipient", "made_at"
            )
        ]
        mails = [str(each.pk) for each in self.deliveries_newest_first if each.state == "queued"]
        if not self.revoke():
            return ""
        return signing.dumps(
            [str(self.pk), str(by.pk), self.version, links, mails], salt=SALT, compress=True
        )

    def reopen(self, by: Any, note: str) -> bool:
        """Undo `revoke_for_now`, by its note: the same links work again, its mail leaves.

        Returns False where it was undone already. Raises TooLate for anybody else, after
        UNDO_TIME, and where it was changed since or could not be accepted any more; Blocked where
        nothing may leave. Call it with the contact locked.
        """
        try:
            pk, user_id, version, links, mails = signing.loads(note, salt=SALT, max_age=UNDO_TIME)
        except signing.BadSignature:
            raise TooLate from None
        if (pk, user_id) != (str(self.pk), str(by.pk)):
            raise TooLate
        if self.is_living and self.version == version + 1:
            return False
        same = Q(contact=self.contact_id, email=self.email)
        if self.version != version or type(self).objects.living().filter(same).exists():
            raise TooLate
        self.contact.require_reachable()
        self.state = self.State.OPENED if self.opened_at else self.State.SENT
        self.answered_at = None
        if not self.is_open:
            raise TooLate
        self.save(verb="invitation.reopened", details={"to": self.email})
        Link.objects.bulk_create(
            Link(
                digest=digest,
                invitation=self,
                recipient=self.email if was_mailed else "",
                made_at=datetime.fromisoformat(made_at),
            )
            for digest, was_mailed, made_at in links
        )
        Delivery.objects.filter(pk__in=mails).put_back()
        vars(self).pop("deliveries_newest_first", None)
        return True
