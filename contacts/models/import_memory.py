"""What was chosen for the last file of the same source, for the next one to begin with."""

from typing import Any, Self

from django.db import models
from django.utils.functional import cached_property

SOURCES = 50  # offered for completion


class Remembered(models.Model):
    """The part of an import that remembers, for the whole team, how the last one was done.

    Nothing is stored for it: the imports that were started are the memory.
    """

    pk: Any
    source: str
    columns: list[str]
    targets: list[str]
    existing: str
    objects: Any  # these are those of ImportState

    class Meta:
        abstract = True

    @classmethod
    def started(cls) -> models.QuerySet[Self]:
        """Return the imports that somebody started, the newest first; no dry runs."""
        return cls.objects.exclude(state="draft").filter(dry_run=False).order_by("-id")

    @classmethod
    def sources(cls) -> list[str]:
        """Return the names of the sources that files came from, in alphabetical order."""
        names = cls.started().exclude(source="").order_by("source")
        return list(names.values_list("source", flat=True).distinct()[:SOURCES])

    @cached_property
    def precedent(self) -> Self | None:
        """Return the import that this one begins like: the last one with the same columns.

        Of these, one of the same source first; without one of the same columns, the last one of
        the same source.
        """
        others = type(self).started().exclude(pk=self.pk).select_related("started_by")
        same = others.filter(columns=self.columns) if self.columns else others.none()
        if not self.source:
            return same.first()
        ours = {"source__iexact": self.source}
        return same.filter(**ours).first() or others.filter(**ours).first() or same.first()

    def recall(self) -> None:
        """Take over the choices of that import: where columns of the same name went, and the rest.

        Columns that it did not have stay as they were recognised.
        """
        last = self.precedent
        if last is None:
            return
        went = dict(zip(last.columns, last.targets, strict=True))
        proposed = zip(self.columns, self.targets, strict=True)
        self.targets = [went.get(column, target) for column, target in proposed]
        self.source, self.existing = self.source or last.source, last.existing
