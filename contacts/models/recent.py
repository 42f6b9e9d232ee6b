"""The contacts that each person opened last."""

from typing import Any

from django.conf import settings
from django.db import connections, models, router
from django.utils import timezone

from contacts.models.contact import Contact

KEPT = 10  # contacts for each person

# A contact that is being deleted is waited for, and then not found.
_NOTE = """
INSERT INTO contacts_recent (user_id, contact_id, at)
SELECT %(user)s, id, %(at)s FROM contacts_contact WHERE id = %(contact)s FOR KEY SHARE
ON CONFLICT (user_id, contact_id) DO UPDATE SET at = EXCLUDED.at
"""
_FORGET = """
DELETE FROM contacts_recent WHERE user_id = %(user)s AND at < (
    SELECT at FROM contacts_recent WHERE user_id = %(user)s
    ORDER BY at DESC OFFSET %(kept)s - 1 LIMIT 1
)
"""


class RecentManager(models.Manager):
    """Notes and finds what somebody has opened."""

    def note(self, user: Any, contact: Contact) -> None:
        """Note that the user has just looked at the contact; the oldest one beyond 10 goes."""
        values = {"user": user.pk, "contact": contact.pk, "at": timezone.now(), "kept": KEPT}
        with connections[router.db_for_write(self.model)].cursor() as cursor:
            cursor.execute(_NOTE, values)
            cursor.execute(_FORGET, values)

    def of(self, user: Any) -> list[Contact]:
        """Return the contacts that the user opened last, newest first.

        What was merged into another contact meanwhile is left out.
        """
        rows = self.filter(user=user, contact__merged_into=None).order_by("-at")
        rows = rows.select_related("contact").defer("contact__search", "contact__notes")
        return [row.contact for row in rows[:KEPT]]


class Recent(models.Model):
    """That a member of the team has opened a contact, and when last.

    It is that person's own convenience: no event tells of it, and it goes with either of them.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="+",
        db_index=False,  # the constraint's index begins with it
    )
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()

    objects = RecentManager()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["user", "contact"], name="recent_once_for_each")
        ]

    def __str__(self) -> str:
        return f"{self.contact_id} at {self.at}"
