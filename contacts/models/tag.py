"""The words contacts are sorted by, for completion and filters."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Tag(models.Model):
    """A tag that was used at least once. Contacts hold their tags themselves, as text."""

    name = models.CharField(_("name"), max_length=50, primary_key=True)

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name
