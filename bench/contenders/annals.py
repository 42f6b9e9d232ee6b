"""Annals, with its own settings: history, event, origin, commitment, and a check before COMMIT.

Unlike all others it refuses what would leave no entry, whoever writes it: see the table of what was
tried. Its events are sealed later, by a worker, which is measured apart (bench/subjects/ledger.py).
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.core.management import call_command
from django.db import connection, transaction

from accounts.models import User
from activity.context import acting
from activity.ledger.sealing import seal_pending
from activity.rows import drawn
from bench import columns
from bench.contenders.django_alone import DjangoAlone
from bench.sizes import FOLDER
from config.prepare import collect_static


class Contender(DjangoAlone):
    """Saves through its model, which announces what changed."""

    contact_model = "contacts.Contact"
    log = "activity_event"
    log_moment = "occurred_at"

    def prepare(self) -> None:
        """Make the tables, the user and the static files, and tell the others the columns.

        Checkpoints of an earlier run's log are taken away, as it would be taken for a lost backup.
        """
        shutil.rmtree(FOLDER / "anchors", ignore_errors=True)
        call_command("migrate", verbosity=0)
        User.objects.create_user("ada@annals.example", None, "administrator", name="Ada")
        collect_static()
        columns.write(FOLDER, self.contacts)

    @contextmanager
    def acting(self) -> Iterator[None]:
        """Open a context as its middleware does for a request."""
        with acting(actor=self.user, channel="web", route="contact_edit", address="127.0.0.1"):
            yield

    def settle(self) -> None:
        """Seal what waits."""
        seal_pending()

    def forget(self) -> None:
        """Let go the rows that were drawn."""
        drawn.clear()

    def multiply(self, ids: list[UUID], count: int) -> None:
        """Add entries with the guards lifted: what follows shows them, and seals nothing."""
        always = self._always
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("ALTER TABLE activity_event DISABLE TRIGGER ALL")
            super().multiply(ids, count)
            cursor.execute("ALTER TABLE activity_event ENABLE TRIGGER ALL")
            for name in always:
                cursor.execute(f"ALTER TABLE activity_event ENABLE ALWAYS TRIGGER {name}")

    def overrides(self) -> dict[str, str]:
        """Give each event values of its own, and a name."""
        payload = """jsonb_set(newest.payload, '{changes}', jsonb_build_array(
            jsonb_build_object('field', 'job_title', 'label', 'Job title', 'draw', 'text',
                'old', 'Buyer ' || n, 'new', 'Buyer ' || n + 1),
            jsonb_build_object('field', 'city', 'label', 'City', 'draw', 'text',
                'old', 'Lagos ' || n, 'new', 'Turin ' || n)))"""
        return super().overrides() | {
            "object_id": "contact",
            "contact_id": "contact",
            "uid": "gen_random_uuid()",
            "recorded_at": "now() - make_interval(secs => 2000000 - n)",
            "payload": payload,
        }

    def address(self, pk: UUID) -> str:
        """Return a contact's page, which opens with its activity."""
        return f"/contacts/{pk}/"

    @property
    def _always(self) -> list[str]:
        """Return the guards that stand whatever the session is."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT tgname FROM pg_trigger WHERE tgrelid = 'activity_event'::regclass"
                " AND NOT tgisinternal AND tgenabled <> 'O'"
            )
            return [name for (name,) in cursor.fetchall()]
