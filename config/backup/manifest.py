"""What a backup is of, told by the backup itself."""

import json
from dataclasses import asdict, dataclass
from typing import Self

from django.contrib.auth import get_user_model
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from activity.models import ActivityEvent, Checkpoint
from config.backup.problem import Problem
from config.operations.versions import version
from contacts.models import Contact, Delivery

FORMAT = 1


@dataclass
class Manifest:
    """The facts of one backup, as JSON.

    `migrations` are {app: names of those applied}. `checkpoint` is the newest signed note, empty
    before the first. `file_bytes` counts the uploads, `database_bytes` tables and indexes as they
    lie on the server. `fingerprint` tells whether a SECRET_KEY is the one of then. `sums` is the
    SHA-256 of SHA256SUMS, in hexadecimal.
    """

    format: int
    annals: str
    made_at: str
    postgresql: int
    migrations: dict[str, list[str]]
    counts: dict[str, int]
    checkpoint: str
    fingerprint: str
    database_bytes: int
    file_bytes: int = 0
    missing: int = 0
    sums: str = ""

    @classmethod
    def of_now(cls, fingerprint: str) -> Self:
        """Return what is to be told of the database in the transaction that is open."""
        newest = Checkpoint.objects.order_by("-epoch", "-size").first()
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_database_size(current_database())")
            [size] = cursor.fetchone()
        return cls(
            format=FORMAT,
            annals=version(),
            made_at=timezone.now().isoformat(),
            postgresql=connection.pg_version,
            migrations=applied(),
            counts={
                "contacts": Contact.objects.count(),
                "events": ActivityEvent.objects.count(),
                "users": get_user_model().objects.count(),
                "deliveries": Delivery.objects.count(),
                "files": 0,
            },
            checkpoint=newest.note if newest else "",
            fingerprint=fingerprint,
            database_bytes=size,
        )

    @classmethod
    def read(cls, text: bytes) -> Self:
        """Return the manifest that these bytes are; raises Problem where they are none."""
        try:
            found = json.loads(text)
            if found["format"] != FORMAT:
                raise Problem(
                    f"This backup has the format {found['format']}, and this Annals reads format "
                    f"{FORMAT}: restore it with the Annals that made it, {found['annals']}."
                )
            return cls(**found)
        except (ValueError, KeyError, TypeError) as error:
            raise Problem(f"The manifest of this backup cannot be read ({error}).") from error

    def written(self) -> bytes:
        """Return it as JSON."""
        return json.dumps(asdict(self), indent=2).encode() + b"\n"

    @property
    def major(self) -> int:
        """Return the major version of the PostgreSQL it is of."""
        return self.postgresql // 10_000

    def unknown(self) -> list[str]:
        """Return the migrations that this Annals does not have: it is older than the backup."""
        ours = MigrationLoader(None, ignore_no_migrations=True).disk_migrations
        theirs = ((app, name) for app, names in self.migrations.items() for name in names)
        return [f"{app}.{name}" for app, name in theirs if (app, name) not in ours]


def applied() -> dict[str, list[str]]:
    """Return {app: names} of the migrations that the database has."""
    found: dict[str, list[str]] = {}
    for app, name in sorted(MigrationRecorder(connection).applied_migrations()):
        found.setdefault(app, []).append(name)
    return found
