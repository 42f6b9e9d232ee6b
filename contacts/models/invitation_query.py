"""Invitations by state, and how many of them may leave."""

from datetime import timedelta
from typing import Any, Self

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from contacts.models.blocking import TooMany
from contacts.models.delivery import Delivery
from contacts.models.tracking import TrackedQuerySet

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class InvitationQuerySet(TrackedQuerySet):
    """Invitations by state."""

    def living(self) -> Self:
        """Return those that wait for an answer."""
        return self.filter(state__in=("sent", "opened"))

    def giving_access(self, account: Any) -> Self:
        """Return those by which that account sees its portal, newest first."""
        return self.filter(account=account, state="accepted", role__in=("client", "partner"))

    def require_room(self, inviter: Any, email: str) -> None:
        """Raise TooMany where that person or that address has reached its limit."""
        now = timezone.now()
        mails = Delivery.objects.filter(invitation__isnull=False)
        by_them = mails.filter(invitation__inviter=inviter, created_at__gt=now - HOUR)
        if by_them.count() >= settings.INVITATIONS_PER_HOUR:
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
        """Note the invitations whose term is over; return how many."""
        expired = 0
        due = self.living().filter(expires_at__lte=timezone.now())
        for pk in list(due.values_list("pk", flat=True)[:1_000]):
            with transaction.atomic():
                invitation = due.select_for_update().filter(pk=pk).first()
                expired += bool(invitation and invitation.expire())
        return expired
