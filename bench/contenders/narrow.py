"""Bare Django that names the fields it saves, which few projects do and which is a little less."""

from typing import Any

from bench.contenders.django_alone import DjangoAlone


class Contender(DjangoAlone):
    """Saves two columns instead of all."""

    def save(self, contact: Any) -> None:
        """Save the fields that bench.people changes."""
        contact.save(update_fields=("job_title", "city"))
