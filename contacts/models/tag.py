"""The words contacts are sorted by, for completion and filters."""

from collections.abc import Iterable

from django.db import models, transaction
from django.db.models.functions import Lower
from django.dispatch import Signal
from django.utils.translation import gettext_lazy as _

# Sent with `name` and `verb`, "added" or "removed", where a tag is offered or not by somebody's
# decision; what comes and goes with contacts is told by theirs.
tag_decided = Signal()


class Tag(models.Model):
    """A tag that was used at least once. Contacts hold their tags themselves, as text."""

    name = models.CharField(_("name"), max_length=50, primary_key=True)

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    @transaction.atomic
    def offer(self) -> None:
        """Offer it for completion from now on, whoever has it."""
        self.save(force_insert=True)
        tag_decided.send(type(self), name=self.name, verb="added")

    @transaction.atomic
    def withdraw(self) -> None:
        """Offer it no longer; contacts that have it keep it."""
        tag_decided.send(type(self), name=self.name, verb="removed")
        self.delete()

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
