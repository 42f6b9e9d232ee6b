"""What happens last in the demo, by the verbs that pages use, and now."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import OuterRef, Subquery
from django.utils import timezone

from activity.context import acting
from activity.demo.team import Team
from activity.models import ActivityEvent, Notification
from contacts.duplicates import look_at
from contacts.models import Comment, Contact, Follow, Mention


@dataclass(frozen=True)
class Ending:
    """Somebody is forgotten, who was there twice is merged, and who else is alike is noted.

    Who was mentioned finds it in the inbox, and some follow some contacts.

    `people` is what cast.toml says of each contact.
    """

    team: Team
    people: dict[UUID, dict[str, Any]]

    @property
    def events(self) -> int:
        """Return how many events it makes: two for who is forgotten, two for each merge."""
        return 2 * sum("deleted_by" in each or "merged" in each for each in self.people.values())

    def happen(self) -> None:
        """Let it all happen."""
        for pk, person in self.people.items():
            if "deleted_by" in person:
                with self._acting(person["deleted_by"], "contact_delete"):
                    Contact.objects.get(pk=pk).delete(reason=person["reason"])
            if "merged" in person:
                with self._acting(person["merged"]["by"], "contact_merge"):
                    _merge(pk, person["merged"])
            for name in person.get("followed_by", ()):
                Follow.objects.follow(self.team.people[name], Contact.objects.get(pk=pk))
        self._tell_mentioned()
        look_at(list(self.people))  # for somebody to judge: a worker would do it in time

    def _tell_mentioned(self) -> None:
        """Put into inboxes who is mentioned, as if it had been told when it was written."""
        for comment in Comment.objects.filter(contact__in=list(self.people), deleted_at=None):
            Mention.objects.keep(comment)
        written = ActivityEvent.objects.filter(pk=OuterRef("event_id")).order_by()
        Notification.objects.update(at=Subquery(written.values("occurred_at")))

    def _acting(self, who: str, route: str) -> Any:
        return acting(**vars(self.team.acts(who, timezone.now(), route)))


@transaction.atomic
def _merge(pk: UUID, merged: dict[str, Any]) -> None:
    locked = Contact.objects.select_for_update()
    survivor, other = locked.get(emails__contains=[merged["into"]]), locked.get(pk=pk)
    values = {
        name: list(dict.fromkeys(getattr(survivor, name) + getattr(other, name)))
        for name in merged["takes"]
    }
    survivor.absorb(other, values, reason=merged["reason"])
