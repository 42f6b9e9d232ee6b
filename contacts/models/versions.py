"""Field-level versions: the models, queries and admin of simple-history."""

from typing import Any

from django.db import models
from simple_history.models import HistoricalRecords


class Versions(HistoricalRecords):
    """simple-history without its signal handlers.

    The log's one writer copies the row as it stands in the database, in the same statement for one
    row or ten thousand. A copy made from the instance would be wrong where the instance is stale,
    and missing for bulk writes.
    """

    def finalize(self, sender: type[models.Model], **kwargs: Any) -> None:
        """Make the history model of a tracked model, and take the handlers off again."""
        super().finalize(sender, **kwargs)
        history = getattr(sender, self.manager_name, None)
        if history is None:
            return
        # The index on (id, version) below answers for the row's id alone, too.
        history.model._meta.get_field("id").db_index = False
        models.signals.post_save.disconnect(self.post_save, sender=sender)
        models.signals.pre_delete.disconnect(self.pre_delete, sender=sender)
        models.signals.post_delete.disconnect(self.post_delete, sender=sender)

    def get_meta_options(self, model: type[models.Model]) -> dict[str, Any]:
        """Return the history model's options, with the index that the guards look rows up by."""
        name = f"{model._meta.model_name}_version"
        return super().get_meta_options(model) | {
            "indexes": [models.Index(fields=["id", "version"], name=name)]
        }
