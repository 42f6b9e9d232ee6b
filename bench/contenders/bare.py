"""Bare Django: the same contact, saved and shown without any record.

Its page of a record is what somebody would write by hand: rows of one table, a template, one query.
"""

from uuid import UUID

from django.apps import apps

from bench.contenders.django_alone import BEFORE_AND_AFTER, DjangoAlone


class Contender(DjangoAlone):
    """Records nothing, which is why a table of entries is filled only to be shown."""

    log = "peers_entry"
    log_object = "contact_id"
    log_moment = "moment"

    def multiply(self, ids: list[UUID], count: int) -> None:
        """Make the first entry, as no save does, and multiply it."""
        changes = {"job_title": ["Buyer", "Head of sales"], "city": ["Lagos", "Turin"]}
        apps.get_model("peers", "entry").objects.create(
            contact_id=ids[0], moment=self.user.date_joined, actor="ada", changes=changes
        )
        super().multiply(ids, count)

    def overrides(self) -> dict[str, str]:
        """Give each entry values of its own."""
        return super().overrides() | {"contact_id": "contact", "changes": BEFORE_AND_AFTER}

    def address(self, pk: UUID) -> str:
        """Return the page of plain rows."""
        return f"/contacts/{pk}/"
