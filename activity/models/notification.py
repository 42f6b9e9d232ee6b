"""What somebody is told of what others do: where they are mentioned, and what they follow."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Self

from django.conf import settings
from django.db import connections, models, router
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from activity.catalogue import GROUPS, ON_ROW
from activity.models.event import ActivityEvent
from contacts.models import Contact

MOST_COUNTED = 100  # unread ones; beyond, "99+"
KEPT = timedelta(days=90)
# What of an event and of its contact it takes to tell of it.
DRAWN = ("verb", "occurred_at", "actor_type", "actor_id", "object_type", "object_id", "payload")
NAMED = ("honorific", "given_name", "family_name", "suffix", "organisation", "emails", "phones")

# What people do, and what comes of it: not changes of fields, nor what has no row to lead to.
FOLLOWED = GROUPS["people"] - ON_ROW

# Read with whoever is signed in: `accounts_user` is that person's row.
UNREAD = f"""(SELECT count(*) FROM (
    SELECT FROM activity_notification
    WHERE user_id = accounts_user.id AND read_at IS NULL LIMIT {MOST_COUNTED}
) AS unread)"""  # noqa: S608 - a number of our own
# Part of the statement that writes events, `written`: one for each follower of their contacts, or
# of contacts these were merged with. What a bulk action or an import does to many is told once.
TELL_FOLLOWERS = f"""told AS (
    INSERT INTO activity_notification (user_id, contact_id, event_id, reason, at, run)
    SELECT follow.user_id, written.contact_id, written.id, 'follow', written.occurred_at,
        CASE WHEN written.channel IN ('bulk', 'import') THEN written.origin_id END
    FROM written
    JOIN contacts_contact AS contact ON contact.id = written.contact_id
    JOIN contacts_follow AS follow ON follow.contact_id
        = ANY(contact.merged_ids || contact.id || contact.merged_into)
    WHERE follow.user_id IS DISTINCT FROM written.actor_id
        AND written.verb IN ({", ".join(f"'{verb}'" for verb in sorted(FOLLOWED))})
    ORDER BY written.id
    ON CONFLICT DO NOTHING
)"""  # noqa: S608 - verbs of our own
# A comment has one notification for each of its readers: an edit that names a follower makes that
# one new again, unless it had told of a mention before.
_TELL_MENTIONED = """
INSERT INTO activity_notification (user_id, contact_id, event_id, reason, at)
SELECT told.user_id, event.contact_id, event.id, 'mention', %(at)s
FROM unnest(%(users)s::uuid[]) AS told (user_id), activity_event AS event
WHERE event.object_id = %(comment)s AND event.verb = 'comment.added'
ON CONFLICT (user_id, event_id) DO UPDATE
SET reason = 'mention', at = EXCLUDED.at, read_at = NULL, mailed_at = NULL, run = NULL
WHERE activity_notification.reason <> 'mention'
"""


class NotificationQuerySet(models.QuerySet):
    """Notifications by whom they are for, and whether they were read."""

    def of(self, user: Any) -> Self:
        """Return those of a user, newest first."""
        return self.filter(user=user).order_by("-at", "-id")

    def unread(self) -> Self:
        """Return those that were not read yet."""
        return self.filter(read_at=None)

    def waiting(self) -> Self:
        """Return those that were neither read nor mailed yet."""
        return self.filter(read_at=None, mailed_at=None)

    def with_events(self) -> Self:
        """Return them with what tells of each: the event, and the contact it is about."""
        drawn = (f"event__{name}" for name in DRAWN)
        named = (f"contact__{name}" for name in NAMED)
        own = (field.attname for field in self.model._meta.concrete_fields)
        return self.select_related("event", "contact").only(*own, *drawn, *named)

    def of_contact(self, contact: Contact) -> Self:
        """Return those about a contact, or about one that was merged into it."""
        return self.filter(contact_id__in=contact.all_ids)

    def mark_read(self) -> int:
        """Note that they were read; return how many were not."""
        return self.unread().update(read_at=timezone.now())

    def mark_unread(self) -> int:
        """Put them back among those that were not read; return how many were."""
        return self.exclude(read_at=None).update(read_at=None)

    def read_up_to(self, user: Any, contact: Contact, event_id: int) -> int:
        """Note that a user has read a contact's timeline up to an event; return how many it was."""
        theirs = self.filter(user=user, event_id__lte=event_id)
        return theirs.of_contact(contact).mark_read()

    def read_one(self, user: Any, contact: Contact, event_id: int) -> int:
        """Note that a user has read one event of a contact; return how many were unread."""
        return self.filter(user=user, event_id=event_id).of_contact(contact).mark_read()

    def tell_mentioned(self, comment_id: Any, user_ids: Sequence[Any]) -> None:
        """Tell users that a comment names them, each once."""
        values = {"users": list(user_ids), "comment": comment_id, "at": timezone.now()}
        with connections[router.db_for_write(self.model)].cursor() as cursor:
            cursor.execute(_TELL_MENTIONED, values)

    def forget_old(self) -> int:
        """Delete those that are older than KEPT; return how many."""
        gone, _by_model = self.filter(at__lt=timezone.now() - KEPT).delete()
        return gone


class Notification(models.Model):
    """That a user is told of an event: it names them, or is about a contact they follow.

    It holds nothing of what happened. `run` is where a bulk action or an import came from: of all
    that it did somebody is told once. `mailed_at` is when it left in a digest. It is that person's
    own affair: no event tells of it, and it goes with the contact and with the person.
    """

    class Reason(models.TextChoices):
        MENTION = "mention", _("Mentioned you")
        FOLLOW = "follow", _("You follow this contact")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    # Without a check: whoever writes an event never waits for a contact that is being deleted.
    contact = models.ForeignKey(
        Contact,
        on_delete=models.CASCADE,
        related_name="+",
        db_constraint=False,
        db_index=False,  # an index of several columns begins with it
    )
    event = models.ForeignKey(
        ActivityEvent,
        on_delete=models.DO_NOTHING,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    reason = models.CharField(max_length=8, choices=Reason.choices)
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    mailed_at = models.DateTimeField(null=True)
    run = models.UUIDField(null=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        db_table = "activity_notification"
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["user", "event"], name="notification_once"),
            models.UniqueConstraint(
                fields=["user", "run"],
                name="notification_once_a_run",
                condition=Q(run__isnull=False),
            ),
        ]
        indexes = [
            models.Index("user", F("at").desc(), F("id").desc(), name="notification_by_time"),
            models.Index(
                "user",
                F("at").desc(),
                F("id").desc(),
                name="notification_unread",
                condition=Q(read_at__isnull=True),
            ),
            models.Index(fields=["contact", "user"], name="notification_by_contact"),
        ]

    def __str__(self) -> str:
        return f"{self.reason} of {self.event_id} to {self.user_id}"

    @property
    def is_mention(self) -> bool:
        """Tell whether it is about being mentioned."""
        return self.reason == self.Reason.MENTION
