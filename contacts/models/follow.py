"""Which contacts somebody follows, to be told what others do with them."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Func, OuterRef
from django.utils import timezone

from contacts.models.contact import Contact


class FollowManager(models.Manager["Follow"]):
    """Follows contacts, together with those that were merged into them."""

    def follow(self, user: Any, contact: Contact) -> bool:
        """Have the user follow a contact. Returns False where that was so already."""
        if self.is_following(user, contact):
            return False
        self.bulk_create([Follow(user=user, contact=contact)], ignore_conflicts=True)
        return True

    def unfollow(self, user: Any, contact: Contact) -> bool:
        """Have the user follow a contact no longer. Returns False where that was so already."""
        gone, _by_model = self.filter(user=user, contact__in=contact.all_ids).delete()
        return bool(gone)

    def is_following(self, user: Any, contact: Contact) -> bool:
        """Tell whether the user follows a contact, or one that was merged into it."""
        return self.filter(user=user, contact__in=contact.all_ids).exists()

    def by(self, user_id: Any) -> models.QuerySet:
        """Return how that user follows the contacts of a query, for a subquery of it."""
        all_ids = Func(OuterRef("merged_ids"), OuterRef("pk"), function="array_append")
        of_contact = Func(
            F("contact_id"),
            all_ids,
            template="%(expressions)s)",
            arg_joiner=" = ANY(",
            output_field=models.BooleanField(),
        )
        return self.filter(of_contact, user=user_id)


class Follow(models.Model):
    """That a member of the team follows a contact. Nobody follows without having said so.

    It is that person's own affair: no event tells of it, and it goes with either of them.
    """

    contact = models.ForeignKey(
        Contact,
        on_delete=models.CASCADE,
        related_name="+",
        db_index=False,  # the constraint's index begins with it
    )
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    objects = FollowManager()

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["contact", "user"], name="follow_once")]

    def __str__(self) -> str:
        return f"{self.contact_id} by {self.user_id}"
