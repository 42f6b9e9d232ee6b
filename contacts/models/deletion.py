"""What is left of a contact that was deleted: a receipt that names nobody, and for a while a name."""

from datetime import timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _


class DeletedNameQuerySet(models.QuerySet):
    """Names by age."""

    def expired(self) -> Self:
        """Return the names whose days are over."""
        return self.filter(erase_after__lte=timezone.now())


class DeletedName(models.Model):
    """The name of a deleted contact, shown on its receipt for DELETED_NAME_DAYS."""

    contact_id = models.UUIDField(primary_key=True)
    name = models.CharField(_("name"), max_length=500)
    erase_after = models.DateTimeField(db_index=True)

    objects = DeletedNameQuerySet.as_manager()

    class Meta:
        verbose_name = _("deleted name")
        verbose_name_plural = _("deleted names")

    def __str__(self) -> str:
        return self.name

    @classmethod
    def keep(cls, contact_id: Any, name: str) -> None:
        """Keep the name for as many days as DELETED_NAME_DAYS says; 0 keeps none."""
        if settings.DELETED_NAME_DAYS:
            until = timezone.now() + timedelta(days=settings.DELETED_NAME_DAYS)
            cls.objects.create(contact_id=contact_id, name=name, erase_after=until)


def fingerprint(address: str) -> str:
    """Return a keyed fingerprint of an address, to tell later whether it was one of a receipt's.

    HMAC-SHA256 under SECRET_KEY, in hexadecimal: without the key nobody can try addresses out.
    """
    return salted_hmac("contacts.deleted", address, algorithm="sha256").hexdigest()
