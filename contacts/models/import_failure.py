"""Rows of an import that made no contact."""

from collections.abc import Iterable

from django.db import models
from django.utils.translation import gettext, gettext_lazy


class ImportFailureQuerySet(models.QuerySet):
    """Rows by what they held."""

    def forget(self, addresses: Iterable[str]) -> int:
        """Empty the rows that were skipped because somebody with one of these emails was here."""
        same = self.filter(skipped=True, value__in=list(addresses))
        return same.update(value="", cells=[], reason=gettext("Erased with the contact"))


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
