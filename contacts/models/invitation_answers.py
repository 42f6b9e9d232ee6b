"""What becomes of an invitation: answered by its recipient, taken back, or run out."""

from typing import Any

from django.utils import timezone

from accounts import roles


class Answerable:
    """The part of an invitation that its recipient, or time, decides.

    Call what changes it with the contact locked. Each returns whether anything happened.
    """

    state: Any

    def open(self) -> bool:
        """Note that its recipient looked at it. Returns False where that is known."""
        if self.state != self.State.SENT:
            return False
        self.state, self.opened_at = self.State.OPENED, timezone.now()
        self.save(verb="invitation.opened", by=self.contact)
        return True

    def accept(self, account: Any) -> bool:
        """Give that account what it was invited to. Returns False where it is not open any more.

        Who was invited to the team becomes a member, unless that account has a role already.
        """
        if not self.is_open:
            return False
        if self.role == self.Role.TEAM and not account.role:
            account.assign_role(roles.Role.MEMBER)
        self._take_back_mail()
        self.state, self.answered_at, self.account = self.State.ACCEPTED, timezone.now(), account
        self.save(verb="invitation.accepted", details={"role": self.role}, by=self.contact)
        self.links.all().delete()
        return True

    def decline(self, *, stop_contact: bool = False) -> bool:
        """Say no for its recipient; with `stop_contact` to everything that may come."""
        if not self._close(self.State.DECLINED, by=self.contact):
            return False
        if stop_contact:
            self.contact.opt_out(source="recipient", by=self.contact)
        return True

    def end(self) -> bool:
        """End the access to the portal that it gave. Returns False where it gives none.

        Who belongs to the team has a role: that is ended where users are managed.
        """
        if self.state != self.State.ACCEPTED or self.role == self.Role.TEAM:
            return False
        self.state = self.State.ENDED
        self.save(verb="invitation.ended", details={"to": self.email})
        return True

    def revoke(self) -> bool:
        """Take it back: its links die, its mail does not leave. False where it is not open."""
        return self._close(self.State.REVOKED)

    def send_again(self, address: str, *, by: Any) -> bool:
        """Send it again, as `resend` does: it has one address."""
        return self.resend(by)

    def take_back(self, *, by: Any) -> bool:
        """Take it back, as `revoke` does."""
        return self.revoke()

    def expire(self) -> bool:
        """Note that its term is over. Returns False where it is not living."""
        return self._close(self.State.EXPIRED)

    def close_by_itself(self) -> bool:
        """End what nobody can accept any more: its term is over, or its inviter has left."""
        return self.expire() if self.expires_at <= timezone.now() else self.revoke()

    @property
    def is_living(self) -> bool:
        """Tell whether it waits for an answer."""
        return self.state in self.LIVING

    @property
    def is_open(self) -> bool:
        """Tell whether its recipient may accept it now."""
        if not (self.is_living and self.expires_at > timezone.now() and self.inviter.is_active):
            return False
        contact = self.contact.survivor
        return not contact.is_archived and not contact.do_not_contact_at

    def _take_back_mail(self) -> None:
        for delivery in self.deliveries_newest_first:
            delivery.cancel()

    def _close(self, state: str, by: Any = None) -> bool:
        if not self.is_living:
            return False
        self._take_back_mail()
        self.state = state
        self.answered_at = timezone.now()
        self.save(verb=self.verb(state), details={"to": self.email}, by=by)
        self.links.all().delete()
        return True
