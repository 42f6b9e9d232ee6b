"""Rows of an import that made no contact."""

import re
from datetime import timedelta
from typing import NamedTuple

from django.conf import settings
from django.db import connection, models
from django.db.models import Case, F, TextField, Value, When
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy

# The last digits of a phone number by which it is found however it was written.
TELLING_DIGITS = 9

# Of the digits, quotes stay, to keep the numbers of two cells apart. What is written of JSON's
# escapes does not matter: emails and digits are ASCII, and names are looked for as they are.
_FIND = """
WITH held AS MATERIALIZED (
    SELECT id, words, lower(words) AS folded,
           regexp_replace(words, '[^0-9"]', '', 'g') AS digits
    FROM contacts_importfailure, concat_ws('"', cells, value, reason) AS words
    WHERE cells <> '[]'::jsonb
)
SELECT id FROM held
WHERE EXISTS (SELECT FROM unnest(%s::text[]) AS email WHERE strpos(folded, email) > 0)
   OR EXISTS (SELECT FROM unnest(%s::text[]) AS number WHERE strpos(digits, number) > 0)
   OR EXISTS (
        SELECT FROM unnest(%s::text[], %s::text[], %s::text[]) AS name (family, one, other)
        WHERE strpos(folded, family) > 0 AND words ~* one AND words ~* other
   )
"""


class Identity(NamedTuple):
    """What somebody can be told by: addresses, pairs of given and family name, and tags."""

    emails: set[str]
    phones: set[str]
    names: set[tuple[str, str]]
    tags: set[str]


class ImportFailureQuerySet(models.QuerySet):
    """Rows by what they held."""

    def forget(self, *identities: Identity) -> int:
        """Empty the rows that hold one of these emails, phones or whole names; return how many.

        What is said of a row counts, too: by an external id alone it names who is here already.

        A file may spell them in any way: emails are found whatever their case, phones by their last
        digits, names as whole words. What dry runs tell of people goes, too.
        """
        runs = self.model._meta.get_field("run").related_model.objects
        runs.exclude(samples=[]).update(samples=[])
        emails = {email.lower() for each in identities for email in each.emails}
        numbers = {re.sub(r"\D", "", phone) for each in identities for phone in each.phones}
        telling = [n[-TELLING_DIGITS:] for n in numbers if len(n) >= TELLING_DIGITS]
        names = [pair for each in identities for pair in each.names if all(pair)]
        whole = [[rf"\m{re.escape(name)}\M" for name in pair] for pair in names]
        parameters = [
            list(emails),
            telling,
            # Compares quickly; how other letters are folded is the database's own matter.
            [family.lower() if family.isascii() else "" for _given, family in names],
            [one for one, _other in whole],
            [other for _one, other in whole],
        ]
        with connection.cursor() as cursor:
            cursor.execute(_FIND, parameters)
            found = [pk for (pk,) in cursor.fetchall()]
        reason = gettext("Erased with the contact")
        return self.filter(pk__in=found).update(value="", cells=[], reason=reason)

    def forget_all(self) -> int:
        """Empty these rows, whomever they name; where they stood and what was wrong stays."""
        here = When(skipped=True, then=Value(gettext("Already here")))
        reason = Case(here, default=F("reason"), output_field=TextField())
        return self.update(value="", cells=[], reason=reason)

    def forget_old(self, batch: int = 5_000) -> int:
        """Empty the rows whose IMPORT_FAILURE_DAYS are over; return how many.

        Where it stood and what was wrong with it stays, but for the name of who was here already.
        """
        old = timezone.now() - timedelta(days=settings.IMPORT_FAILURE_DAYS)
        overdue = self.filter(run__finished_at__lt=old).exclude(cells=[], value="").order_by("pk")
        forgotten = 0
        while found := list(overdue.values_list("pk", flat=True)[:batch]):
            forgotten += self.filter(pk__in=found).forget_all()
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
