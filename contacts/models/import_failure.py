"""Rows of an import that made no contact."""

import re
from datetime import timedelta
from typing import NamedTuple

from django.conf import settings
from django.db import models
from django.db.models import Case, F, Func, Q, TextField, Value, When
from django.db.models.functions import Cast
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy

# The last digits of a phone number by which it is found however it was written.
TELLING_DIGITS = 9


class Identity(NamedTuple):
    """What somebody can be told by: addresses, pairs of given and family name, and tags."""

    emails: set[str]
    phones: set[str]
    names: set[tuple[str, str]]
    tags: set[str]


class ImportFailureQuerySet(models.QuerySet):
    """Rows by what they held."""

    def forget(self, identity: Identity) -> int:
        """Empty the rows that hold one of these emails, phones or whole names; return how many.

        A file may spell them in any way: emails are found whatever their case, phones by their last
        digits, names as whole words.
        """
        # Quotes stay, to keep the numbers of two cells apart.
        digits = Func(
            Cast("cells", TextField()), Value(r'[^0-9"]'), Value(""), Value("g"),
            function="regexp_replace", output_field=TextField(),
        )  # fmt: skip
        rows = self.exclude(cells=[]).annotate(text=Cast("cells", TextField()), digits=digits)
        wanted = Q(pk__in=[])
        for email in identity.emails:
            wanted |= Q(text__icontains=email)
        for phone in identity.phones:
            number = re.sub(r"\D", "", phone)
            if len(number) >= TELLING_DIGITS:
                wanted |= Q(digits__contains=number[-TELLING_DIGITS:])
        for names in identity.names:
            if all(names):
                whole = Q()
                for name in names:
                    whole &= Q(text__iregex=rf"\m{re.escape(name)}\M")
                wanted |= whole
        found = list(rows.filter(wanted).values_list("pk", flat=True))
        reason = gettext("Erased with the contact")
        return self.filter(pk__in=found).update(value="", cells=[], reason=reason)

    def forget_old(self, batch: int = 5_000) -> int:
        """Empty the rows whose IMPORT_FAILURE_DAYS are over; return how many.

        Where it stood and what was wrong with it stays, but for the name of who was here already.
        """
        old = timezone.now() - timedelta(days=settings.IMPORT_FAILURE_DAYS)
        overdue = self.filter(run__finished_at__lt=old).exclude(cells=[], value="").order_by("pk")
        here = When(skipped=True, then=Value(gettext("Already here")))
        forgotten = 0
        while found := list(overdue.values_list("pk", flat=True)[:batch]):
            reason = Case(here, default=F("reason"), output_field=TextField())
            forgotten += self.filter(pk__in=found).update(value="", cells=[], reason=reason)
        return forgotten


class ImportFailure(models.Model):
    """A row that made no contact: where it stands in the file, what is wrong, and all it held."""

    run = models.ForeignKey("contacts.ImportRun", on_delete=models.CASCADE, related_name="failures")
    line = models.PositiveIntegerField()
    value = models.TextField(blank=True)
    reason = models.TextField()
    skipped = models.BooleanField()  # nothing is wrong with it: the contact is here already
    cells = models.JSONField(default=list)

    objects = ImportFailureQuerySet.as_manager()

    class Meta:
        verbose_name = gettext_lazy("failed row")
        verbose_name_plural = gettext_lazy("failed rows")
        default_permissions = ()
        ordering = ("line",)
        constraints = [
            models.UniqueConstraint(fields=("run", "line"), name="import_failure_once_a_line")
        ]

    def __str__(self) -> str:
        return f"{self.line}: {self.reason}"
