"""How far each person has read each contact's timeline, to tell them what came since."""

from typing import Any

from django.conf import settings
from django.db import connections, models, router
from django.utils import timezone

from contacts.models import Contact

# A contact that is being deleted is waited for, and then not found.
_NOTE = """
INSERT INTO activity_seen (user_id, contact_id, event_id, at)
SELECT %(user)s, id, %(event)s, %(at)s FROM contacts_contact WHERE id = %(contact)s FOR KEY SHARE
ON CONFLICT (user_id, contact_id) DO UPDATE
SET event_id = greatest(activity_seen.event_id, EXCLUDED.event_id), at = EXCLUDED.at
"""


class SeenManager(models.Manager):
    """Notes who has looked at what."""

    def note(self, user: Any, contact: Contact, event_id: int) -> None:
        """Note that the user has read the contact's timeline up to that event.

        Another tab that showed less takes nothing back. A contact that is deleted meanwhile is
        passed over.
        """
        values = {"user": user.pk, "contact": contact.pk, "event": event_id, "at": timezone.now()}
        with connections[router.db_for_write(self.model)].cursor() as cursor:
            cursor.execute(_NOTE, values)


class Seen(models.Model):
    """Up to which event a member of the team has read a contact's timeline, and when.

    It is that person's own convenience: no event tells of it, and it goes with either of them.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="+",
        db_index=False,  # the constraint's index begins with it
    )
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="+")
    event_id = models.BigIntegerField()
    at = models.DateTimeField()

    objects = SeenManager()

    class Meta:
        db_table = "activity_seen"
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["user", "contact"], name="seen_once_by_each")
        ]

    def __str__(self) -> str:
        return f"{self.contact_id} up to {self.event_id}"
