"""The words contacts are sorted by, for completion and filters."""

from collections.abc import Iterable

from django.db import models
from django.db.models.functions import Lower
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

    @classmethod
    def spelled(cls, names: Iterable[str]) -> list[str]:
        """Return the names as they were first used: "vip" becomes "VIP" where that is known."""
        wanted = {name.lower(): name for name in names}
        known = cls.objects.alias(lower=Lower("name")).filter(lower__in=wanted)
        wanted |= {tag.name.lower(): tag.name for tag in known}
        return list(wanted.values())

    @classmethod
    def remember(cls, names: Iterable[str]) -> None:
        """Keep the names that are new, for completion and filters."""
        tags = [Tag(name=name) for name in sorted(names)]
        Tag.objects.bulk_create(tags, ignore_conflicts=True)

    @classmethod
    def forget_unused(cls, names: Iterable[str], contacts: models.QuerySet) -> None:
        """Delete those of the names that none of the contacts has: a tag may name somebody."""
        unused = [name for name in names if not contacts.filter(tags__contains=[name]).exists()]
        cls.objects.filter(pk__in=unused).delete()
