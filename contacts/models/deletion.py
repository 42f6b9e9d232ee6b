"""What is left of a deleted contact: a receipt that names nobody, and for a while a name."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

# What a receipt counts, by its name in there, as people call it.
COUNTED = {
    "comments": _("Comments"),
    "messages": _("Messages"),
    "attachments": _("Files"),
    "invitations": _("Invitations"),
    "shares": _("Shares"),
    "deliveries": _("Mails"),
    "unsent": _("Waiting mails"),
    "versions": _("Versions"),
    "import_rows": _("Rows of imported files"),
    "accounts": _("Portal accounts"),
}


class DeletedContactQuerySet(models.QuerySet):
    """Deleted contacts by age."""

    def forget_names(self) -> int:
        """Erase the names whose DELETED_NAME_DAYS are over; return how many."""
        days = timedelta(days=settings.DELETED_NAME_DAYS)
        return self.filter(deleted_at__lte=timezone.now() - days).exclude(name="").update(name="")


class DeletedContact(models.Model):
    """That there was a contact of this id, and for DELETED_NAME_DAYS what it was called.

    The receipt itself is the event of its deletion.
    """

    contact_id = models.UUIDField(primary_key=True)
    deleted_at = models.DateTimeField(_("deleted"), default=timezone.now, db_index=True)
    name = models.CharField(_("name"), max_length=600, blank=True)

    objects = DeletedContactQuerySet.as_manager()

    class Meta:
        verbose_name = _("deleted contact")
        verbose_name_plural = _("deleted contacts")

    def __str__(self) -> str:
        return self.name or str(self.contact_id)

    @property
    def name_goes_at(self) -> datetime:
        """Return when its name is erased too."""
        return self.deleted_at + timedelta(days=settings.DELETED_NAME_DAYS)


def fingerprint(address: str) -> str:
    """Return a keyed fingerprint of an address, to tell later whether it was one of a receipt's.

    HMAC-SHA256 under SECRET_KEY, in hexadecimal: without the key nobody can try addresses out.
    """
    return salted_hmac("contacts.deleted", address, algorithm="sha256").hexdigest()
