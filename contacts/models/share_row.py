"""How far a share got, as its row of the timeline shows it."""

from collections.abc import Iterable
from typing import Any, ClassVar, Self

from django.db import models
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from contacts.models.composed import Composed, any_of
from contacts.models.delivery import Delivery


class ShareRow(models.Model):
    """The part of a share that its row of the timeline shows."""

    _on_rows: ClassVar = Composed(
        lambda model, ids: model.objects.annotate(
            told_deliveries=Delivery.objects.told_of("share")
        ).filter(any_of(ids))
    )

    class Meta:
        abstract = True

    @property
    def has_living_link(self) -> bool:
        """Tell whether its links still open."""
        return (
            self.link_expires_at is not None
            and self.link_revoked_at is None
            and self.link_expires_at > timezone.now()
            and not self.contact.is_archived
        )

    @property
    def link_state(self) -> str:
        """Say how its link is: open, taken back, expired, closed; nothing where it has none."""
        if self.link_expires_at is None:
            return ""
        if self.link_revoked_at:
            return _("Taken back")
        if self.link_expires_at <= timezone.now():
            return _("Expired")
        return _("Closed") if self.contact.is_archived else _("Open")

    @cached_property
    def deliveries_newest_first(self) -> list[Delivery]:
        """Return its deliveries, newest first."""
        return Delivery.objects.latest_of("share", [self.pk]).get(self.pk, [])

    @property
    def latest(self) -> list[Delivery]:
        """Return of each address the delivery that counts, in the order of the addresses."""
        newest = {each.recipient: each for each in reversed(self.deliveries_newest_first)}
        return [newest[address] for address in self.recipients if address in newest]

    @property
    def is_pending(self) -> bool:
        """Tell whether some of its mails are still on their way out."""
        return any(each.is_pending for each in self.latest)

    @property
    def file_names(self) -> list[str]:
        """Return the names of the files that it carries, without the vCard."""
        attachments = self.latest[0].attachments if self.latest else []
        return [each["name"] for each in attachments if "sha256" in each]

    @classmethod
    def for_timeline(cls, ids: Iterable[Any]) -> dict[Any, Self]:
        """Return {id: share} with all that its row shows but the contact, in one query."""
        rows = cls._on_rows.ask(list(ids), shape=(cls,))
        for share in rows:
            share.deliveries_newest_first = Delivery.objects.heard(share.told_deliveries)
        return {share.pk: share for share in rows}

    @property
    def stamp(self) -> str:
        """Return what its drawn row depends on, but for the event."""
        states = "".join(
            f"{each.pk}{each.state}{each.attempts}{each.delivered_at}" for each in self.latest
        )
        return f"{self.version}{states}{self.has_living_link}{self.contact.version}"

    def rights(self, viewer: Any) -> dict[str, bool]:
        """Return what that user may do on its row."""
        may_share = viewer.has_perm("contacts.add_share")
        return {"may_share": may_share and not self.contact.is_archived}
