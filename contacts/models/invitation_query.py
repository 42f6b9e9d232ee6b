"""Invitations by state, and how many of them may leave."""

from contextlib import suppress
from datetime import timedelta
from typing import Any, Self

from django.conf import settings
from django.db import transaction
from django.db.models import Q, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from contacts.models.blocking import TooMany
from contacts.models.composed import Composed
from contacts.models.contact import Contact
from contacts.models.contact_query import ContactGone
from contacts.models.delivery import Delivery
from contacts.models.tracking import TrackedQuerySet

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def _build_current(model: Any, contact_id: Any) -> Any:
    rows = model.objects.filter(contact=contact_id).order_by("-pk")
    wanted = Q(state__in=("sent", "opened", "accepted")) | Q(pk=Subquery(rows.values("pk")[:1]))
    told = Delivery.objects.told_of("invitation")
    return rows.filter(wanted).annotate(told_deliveries=told)[:50]


_current = Composed(_build_current)


class InvitationQuerySet(TrackedQuerySet):
    """Invitations by state."""

    def living(self) -> Self:
        """Return those that wait for an answer."""
        return self.filter(state__in=("sent", "opened"))

    def current_of(self, contact: Contact) -> list[Any]:
        """Return a contact's that wait or give access, newest first; without any, the newest."""
        found = _current.ask(contact.pk, shape=(self.model,))
        current = [each for each in found if each.is_living or each.state == "accepted"]
        for each in found:
            each.contact = contact
            each.deliveries_newest_first = Delivery.objects.heard(each.told_deliveries)
        return current or found

    def giving_access(self, account: Any) -> Self:
        """Return those by which that account sees its portal, newest first."""
        return self.filter(account=account, state="accepted", role__in=("client", "partner"))

    def require_room(self, inviter: Any, email: str, *, in_bulk: bool = False) -> None:
        """Raise TooMany where that person or that address has reached its limit.

        What somebody sends in bulk has a limit of its own and takes nothing from this one.
        """
        now = timezone.now()
        mails = Delivery.objects.filter(invitation__isnull=False)
        by_them = mails.filter(invitation__inviter=inviter, created_at__gt=now - HOUR)
        if not in_bulk and (
            by_them.count() - inviter.bulk_runs.invited(HOUR) >= settings.INVITATIONS_PER_HOUR
        ):
            raise TooMany(
                _("You have sent %(count)s invitations within an hour. Go on in a while.")
                % {"count": settings.INVITATIONS_PER_HOUR}
            )
        to_them = mails.filter(recipient=email, created_at__gt=now - DAY)
        if to_them.count() >= settings.INVITATIONS_PER_ADDRESS_A_DAY:
            raise TooMany(
                _("%(email)s was invited %(count)s times within a day. Try again tomorrow.")
                % {"email": email, "count": settings.INVITATIONS_PER_ADDRESS_A_DAY}
            )

    def expire_due(self) -> int:
        """End the invitations whose term is over, or whose inviter left; return how many.

        Each is locked after its contact, as everywhere, so that nobody waits in a circle.
        """
        ended = 0
        is_due = Q(expires_at__lte=timezone.now()) | Q(inviter__is_active=False)
        due = self.living().filter(is_due)
        for pk, contact_id in list(due.values_list("pk", "contact_id")[:1_000]):
            with suppress(ContactGone), transaction.atomic():
                Contact.objects.locked_with_survivor(contact_id)
                invitation = due.select_for_update(of=("self",)).filter(pk=pk).first()
                ended += bool(invitation and invitation.close_by_itself())
        return ended
