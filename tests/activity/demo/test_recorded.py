"""What the demo holds is recorded, sealed and checked as anything else."""

from itertools import pairwise

import pytest
from django.db import connection

from activity.ledger.sealing import seal_pending
from activity.ledger.verification.run import Verification
from activity.management.commands import seed_demo
from activity.models import ActivityEvent, ActivityOrigin
from contacts.models import Comment, Contact, Tag, Tracked
from tests.activity.demo.seeding import seed

pytestmark = pytest.mark.django_db


def not_as_recorded(model: type[Tracked]) -> int:
    """Return how many rows differ from their newest version in the history."""
    history = model.history.model
    columns = [field.column for field in history.tracked_fields]
    row, version = (
        ", ".join(f'{table}."{name}"' for name in columns) for table in ("row", "version")
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*) FROM {model._meta.db_table} row LEFT JOIN LATERAL ("
            f" SELECT * FROM {history._meta.db_table} WHERE id = row.id"
            " ORDER BY version DESC LIMIT 1) version ON true"
            f" WHERE ROW({row}) IS DISTINCT FROM ROW({version})"
        )
        return cursor.fetchone()[0]


def test_what_it_makes_is_recorded_like_anything_else() -> None:
    seed(contacts=80, events=1200)
    assert not_as_recorded(Contact) == 0
    assert not_as_recorded(Comment) == 0
    for model in (Contact, Comment):
        versions = model.history.values_list("id", "version").order_by("id", "version")
        newest = dict(versions)
        assert newest == dict(model.objects.values_list("id", "version"))
        assert len(versions) == sum(newest.values())
    origins = ActivityOrigin.objects.in_bulk()
    assert all(event.origin_id in origins for event in ActivityEvent.objects.all())


def test_events_stand_in_the_order_in_which_they_happened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seed_demo, "BATCH", 100)
    seed(contacts=80, events=900)
    moments = ActivityEvent.objects.order_by("id").values_list("occurred_at", flat=True)
    assert all(earlier <= later for earlier, later in pairwise(moments))
    assert (moments.last() - moments[0]).days in {363, 364}
    for contact in Contact.objects.all():
        newest = ActivityEvent.objects.of(contact.pk)[0]
        assert abs((newest.occurred_at - contact.last_activity_at).total_seconds()) <= 1
        assert contact.created_at == ActivityEvent.objects.of(contact.pk).last().occurred_at


def test_what_it_makes_can_be_sealed_and_verified() -> None:
    seed(contacts=60, events=500)
    assert seal_pending() >= 500
    assert not [str(each) for each in Verification().run() if not each.is_notice]


def test_nothing_in_it_breaks_a_rule_of_the_forms() -> None:
    seed(contacts=400, events=800)
    for contact in Contact.objects.all():
        contact.full_clean()
        assert all(email.endswith(".example") for email in contact.emails)
    assert set(Tag.objects.values_list("name", flat=True)) >= {
        tag for contact in Contact.objects.all() for tag in contact.tags
    }
