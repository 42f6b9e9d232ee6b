"""The indexes by which contacts are listed, searched and recognised."""

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q

# What decides whether a list shows a contact, so that those it does not show are passed over, and
# those it does counted, in the index alone.
LISTED = ("archived_at", "merged_into")

INDEXES = [
    models.Index("sort_name", "id", name="contact_by_name"),
    models.Index(
        F("last_activity_at").desc(),
        F("id").desc(),
        name="contact_by_activity",
        include=LISTED,
    ),
    # Those of one person in the list's orders: who has few is not looked for among all.
    models.Index(
        F("owner"),
        F("last_activity_at").desc(),
        F("id").desc(),
        name="contact_by_owner",
        include=LISTED,
    ),
    models.Index("owner", "sort_name", "id", name="contact_by_owner_name"),
    GinIndex(fields=["search"], name="contact_search"),
    GinIndex(fields=["tags"], name="contact_tags"),
    # What an import looks for, hundreds at a time: PostgreSQL would compare each with all that wait
    # to be put into the index, up to 4 MB of it (measured: 600 ms instead of 5 for 500 emails). Of
    # one or two values for each contact, putting them in at once costs no more.
    GinIndex(fields=["emails"], name="contact_emails", fastupdate=False),
    GinIndex(fields=["phones"], name="contact_phones", fastupdate=False),
    GinIndex(fields=["external_ids"], name="contact_external_ids", fastupdate=False),
    # The archive is a small part of all: without its own index, finding it is a long read.
    models.Index(
        F("last_activity_at").desc(),
        F("id").desc(),
        name="contact_archived",
        include=LISTED,
        condition=Q(archived_at__isnull=False),
    ),
    models.Index(
        F("owner"),
        F("last_activity_at").desc(),
        F("id").desc(),
        name="contact_archived_by_owner",
        include=LISTED,
        condition=Q(archived_at__isnull=False),
    ),
    models.Index("merged_into", name="contact_merged", condition=Q(merged_into__isnull=False)),
]
