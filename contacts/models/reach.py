"""Whether a contact may be written to, and what of it can be told to others."""

from collections.abc import Iterable
from typing import Any, Self

from django.db import models
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from contacts.models.blocking import Blocked

# What can be told of a contact, in the order in which it is told.
SHAREABLE = (
    "name",
    "organisation",
    "job_title",
    "emails",
    "phones",
    "website",
    "address",
    "tags",
    "notes",
)
# What is offered first: what stands on a business card.
ON_A_CARD = SHAREABLE[:-2]
# Those that are made of several columns.
PARTS = {
    "name": ("honorific", "given_name", "family_name", "suffix"),
    "address": ("street", "postal_code", "city", "region", "country"),
}


class Reachable(models.Model):
    """The part of a contact that says whether, and why not, the team may write to it."""

    class Source(models.TextChoices):
        TEAM = "team", _("noted by the team")
        RECIPIENT = "recipient", _("by a link in a mail")
        PORTAL = "portal", _("in the portal")
        COMPLAINT = "complaint", _("a mail was reported as unwanted")

    do_not_contact_at = models.DateTimeField(_("do not contact"), null=True, blank=True)
    do_not_contact_reason = models.CharField(_("reason"), max_length=500, blank=True)
    do_not_contact_source = models.CharField(
        _("source"), max_length=16, choices=Source.choices, blank=True
    )

    save: Any  # that of Tracked, which takes a verb

    class Meta:
        abstract = True

    def opt_out(self, *, source: str, reason: str = "", by: Any = None) -> bool:
        """Note that this contact wants no mail; what is queued is taken back.

        `source` is one of Source, `by` the contact where it said so without an account. Returns
        False where it was known. What a merged contact says holds for its survivor. Call it with
        the contact locked.
        """
        if self.merged_into:
            return self.survivor.opt_out(source=source, reason=reason, by=by)
        if self.do_not_contact_at:
            return False
        self.do_not_contact_at = timezone.now()
        self.do_not_contact_reason, self.do_not_contact_source = reason.strip(), source
        details = {"reason": reason.strip(), "source": source}
        self.save(verb="contact.opted_out", details=details, by=by)
        self.stop_mail()
        return True

    def opt_in(self, *, reason: str = "", source: str = Source.TEAM, by: Any = None) -> bool:
        """Note that this contact may be written to again. Returns False where it may already."""
        if self.merged_into:
            return self.survivor.opt_in(source=source, reason=reason, by=by)
        if not self.do_not_contact_at:
            return False
        self.do_not_contact_at = None
        self.do_not_contact_reason = self.do_not_contact_source = ""
        details = {"reason": reason.strip(), "source": source}
        self.save(verb="contact.opted_in", details=details, by=by)
        return True

    @classmethod
    def as_told(cls, pk: Any, told: Iterable[dict[str, Any]]) -> Self:
        """Return a contact, never to be saved, that holds nothing but what `disclosed` told."""
        columns = {name: value for item in told for name, value in item["columns"].items()}
        return cls(pk=pk, last_activity_at=None, **columns)

    def require_active(self) -> None:
        """Raise Blocked where the contact is archived; of a merged one, where its survivor is."""
        contact = self.survivor
        if contact.is_archived:
            raise Blocked(contact, "archived")

    def require_reachable(self) -> None:
        """Raise Blocked where nothing may be sent to this contact, or to its survivor."""
        self.require_active()
        contact = self.survivor
        if contact.do_not_contact_at:
            raise Blocked(contact, "opted_out")

    def stop_mail(self) -> None:
        """Take back what is queued, and invitations that nobody answered: no mail is wanted."""
        self.take_back("opted_out")
        invitations = self.invitations.model.objects.living()
        for invitation in invitations.filter(contact__in=self.all_ids):
            invitation.revoke()

    def take_back(self, reason: str) -> None:
        """Cancel the messages that have not left yet; `reason` is "archived" or "opted_out".

        Also those to contacts that were merged into this one.
        """
        messages = self.messages.model.objects.filter(contact__in=self.all_ids)
        for message in messages.filter(deliveries__state="queued").distinct():
            message.cancel(reason)

    def disclosed(self, fields: Iterable[str]) -> list[dict[str, Any]]:
        """Return those of SHAREABLE that were asked for and hold something.

        Each is {field, label, value, columns}: the value as people read it, a list of texts, and
        what is kept of it by column.
        """
        asked = set(fields)
        return [
            {
                "field": name,
                "label": str(self.label_of(name)),
                "value": value,
                "columns": {each: getattr(self, each) for each in PARTS.get(name, (name,))},
            }
            for name in SHAREABLE
            if name in asked and (value := self._told(name))
        ]

    @property
    def details(self) -> str:
        """Return what stands on its card as text, to paste it anywhere."""
        told = self.disclosed(ON_A_CARD)
        return "\n".join(f"{item['label']}: {', '.join(item['value'])}" for item in told)

    @classmethod
    def label_of(cls, name: str) -> Any:
        """Return what one of SHAREABLE is called."""
        own = {"name": _("Name"), "address": _("Address")}
        return own.get(name) or capfirst(cls._meta.get_field(name).verbose_name)

    def _told(self, name: str) -> list[str]:
        """Return a value as people read it. The name is one: no company or email in its place."""
        if name == "address":
            return list(self.address_lines)
        if name == "name":
            return [self.name] if self.honorific or self.given_name or self.family_name else []
        value = self.displayed(name, getattr(self, name))
        return value if isinstance(value, list) else [value] * bool(value)
