"""The contact that is changed, with the columns of Annals' own, and the plainest record of it."""

import importlib
import os

from annals_columns import FIELDS, META
from django.db import models

# What the library asks for in a model's class: a manager of its history, a decorator.
_CONTENDER = os.environ["BENCH_CONTENDER"]
LIBRARY = importlib.import_module(f"bench.contenders.{_CONTENDER}")


def _contact() -> type[models.Model]:
    meta = type("Meta", (), META)
    members = {
        "__module__": __name__,
        "__doc__": "A person, with the columns and indexes of contacts.Contact.",
        "__str__": lambda self: f"{self.given_name} {self.family_name}",
        "get_absolute_url": lambda self: f"/contacts/{self.pk}/",
        "Meta": meta,
        **FIELDS,
        **getattr(LIBRARY, "MEMBERS", {}),
    }
    decorate = getattr(LIBRARY, "decorate", lambda model: model)
    return decorate(type("Contact", (models.Model,), members))


Contact = _contact()


class Entry(models.Model):
    """What somebody would write by hand: one row for each change, in one table with one index."""

    contact = models.ForeignKey(
        Contact, models.CASCADE, db_constraint=False, db_index=False, related_name="+"
    )
    moment = models.DateTimeField()
    actor = models.TextField()
    changes = models.JSONField()

    class Meta:
        indexes = [models.Index("contact", models.F("id").desc(), name="entry_by_contact")]

    def __str__(self) -> str:
        return f"{self.actor} changed {', '.join(self.changes)}"
