"""A database large enough for the planner to care, made in seconds.

One row of each kind is written as people would write it, and then copied by PostgreSQL with the
guards lifted: the copies need no care when a table gets another column.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection, transaction

from accounts.models import User
from activity.models import ActivityEvent
from contacts.models import (
    BulkRun,
    BulkSkip,
    Contact,
    ImportFailure,
    ImportRun,
    Invitation,
    Message,
    Share,
    Tag,
)  # fmt: skip
from tests.builders import make_comment, make_contact, make_user

CONTACTS, COMMENTS, CHANGES, MAILS = 13_000, 6_000, 30_000, 5_000
INVITATIONS, SHARES, ORIGINS, LEFT_OUT = 5_000, 5_000, 8_000, 3_000
PARTS = 10  # kinds of events alternate
AGES = "now() - i * interval '10 minutes'"  # a mail every ten minutes
HOT = 60  # one of so many things happens with the contact that everybody works on

_COLUMNS = """
SELECT column_name FROM information_schema.columns
WHERE table_name = %s AND is_generated = 'NEVER' AND is_identity = 'NO' ORDER BY ordinal_position
"""


@dataclass
class Crowd:
    """What pages are opened with: the contact that everybody works on, and rows of it."""

    hot: Contact
    account: User
    message: Message
    share: Share
    bulk: BulkRun
    upload: ImportRun

    @property
    def events(self) -> Any:
        """Return the events of the hot contact, newest first."""
        return ActivityEvent.objects.filter(contact_id=self.hot.pk).order_by("-id")


def make() -> Crowd:
    """Fill the tables and let PostgreSQL look at them."""
    with connection.cursor() as cursor:
        # Rows that other tests rolled back would make their indexes look dear.
        cursor.execute("VACUUM FULL contacts_contact")
    with transaction.atomic():
        crowd = _originals()
        with _unguarded():
            _copies(crowd)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return crowd


def _originals() -> Crowd:
    mia = make_user(name="Mia")
    for number in range(9):
        make_user("member", f"Person {number}", email=f"p{number}@annals.example")
    Tag.remember(["vip", "newsletter", *(f"topic {number}" for number in range(120))])
    hot = make_contact(emails=["amara@calder.example"], phones=["+12022243441"], owner=mia)
    hot.city = "Lagos"  # nobody else's
    hot.save()
    make_comment(hot, mia)
    message = Message.send(hot, author=mia, address=hot.email, body="Hello", grace=timedelta(0))
    account = User.objects.create_user(hot.email, None, name="Amara")
    Invitation.send(hot, inviter=mia, email=hot.email, role="client").accept(account)
    share = Share.draft(hot, sender=mia, recipients=[hot.email], fields=["name"], note="Hi")
    share.send()
    bulk = BulkRun.select("archive", Contact.objects.all(), mia)
    BulkRun.objects.update(state="finished")
    BulkSkip.objects.create(run=bulk, contact_id=hot.pk, reason="already")
    upload = ImportRun.objects.create(name="a.csv", started_by=mia, state="finished", total=1)
    ImportFailure.objects.create(run=upload, line=0, reason="No name.", skipped=False, cells=["x"])
    return Crowd(hot, account, message, share, bulk, upload)


def _copies(crowd: Crowd) -> None:
    hot = crowd.hot.pk
    others = _key(1, f"1 + i % {CONTACTS}")
    about = f"CASE WHEN i % {HOT} = 0 THEN '{hot}'::uuid ELSE {others} END"
    with connection.cursor() as cursor:
        cursor.execute("SELECT array_agg(id)::text FROM accounts_user WHERE name ~ 'Mia|Person'")
        somebody = f"('{cursor.fetchone()[0]}'::uuid[])[1 + i % 10]"
    _copy(
        "contacts_contact", hot, CONTACTS, id=_key(1, "i"),
        given_name="'Given' || i % 97", family_name="'Family' || i % 4999", owner_id=somebody,
        organisation="'Company ' || i % 1009", emails="ARRAY['c' || i || '@mail.example']",
        city="''",
        phones="ARRAY['+4366' || lpad(i::text, 8, '0')]",
        tags="CASE WHEN i % 1000 = 7 THEN '{vip}' WHEN i % 3 = 0 THEN '{newsletter}'"
        " ELSE ARRAY['topic ' || i % 120] END::varchar[]",
        archived_at="CASE WHEN i % 20 = 0 THEN now() END",
        last_activity_at="now() - i * interval '7 minutes'",
    )  # fmt: skip
    _copy("contacts_historicalcontact", hot, CHANGES // 3, id=about, version="10 + i")
    kinds = (
        ("contacts_comment", 2, "comment.added", COMMENTS, {"author_id": somebody}),
        ("contacts_message", 3, "message.queued", MAILS,
         {"incoming": "i % 2 = 0", "created_at": AGES}),
        ("contacts_invitation", 4, "invitation.sent", INVITATIONS,
         {"state": "'declined'", "account_id": "NULL"}),
        ("contacts_share", 5, "share.sent", SHARES, {}),
    )  # fmt: skip
    happenings: list[tuple[str, int, dict[str, str]]] = []
    for table, kind, verb, count, values in kinds:
        original = ActivityEvent.objects.get(verb=verb).object_id
        _copy(table, original, count, id=_key(kind, "i"), contact_id=about, **values)
        happenings.append((verb, count, {"object_id": _key(kind, "i")}))
    versions = "jsonb_set(payload, '{row_version}', to_jsonb(10 + i))"
    happenings.append(("contact.updated", CHANGES, {"object_id": about, "payload": versions}))
    for part in range(PARTS):
        for verb, count, values in happenings:
            first, last = 1 + count * part // PARTS, count * (part + 1) // PARTS
            _happen(verb, first, last, contact_id=about, actor_id=somebody, **values)
    for kind, count in (("message", MAILS), ("share", SHARES)):
        delivery = getattr(crowd, kind).deliveries.get()
        key = {f"{kind}_id": _key(3 if kind == "message" else 5, "i")}
        _copy("contacts_delivery", delivery.pk, count, id="gen_random_uuid()", created_at=AGES,
              state="CASE WHEN i % 4 = 0 THEN 'bounced' ELSE 'sent' END",
              mail_id=f"'{kind}' || i || '@mail.example'", contact_id=about, **key)  # fmt: skip
    failure, skip = crowd.upload.failures.get(), crowd.bulk.skips.get()
    _copy("contacts_importfailure", failure.pk, LEFT_OUT, line="i", run_id=_key(6, "i % 20"))
    _copy("contacts_bulkskip", skip.pk, LEFT_OUT, contact_id=others, run_id=_key(7, "i % 20"))
    origin = ActivityEvent.objects.earliest("id").origin_id
    _copy("activity_origin", origin, ORIGINS, id=_key(9, "i"))
    with connection.cursor() as cursor:
        cursor.execute(_SEALED)


def _happen(verb: str, first: int, last: int, **values: str) -> None:
    original = ActivityEvent.objects.filter(verb=verb).first().pk
    # Times grow with ids, as they do in a log.
    number = f"(SELECT max(id) FROM activity_event) + i - {first}"
    moment = f"now() - (60000 - {number}) * interval '10 minutes'"
    _copy(
        "activity_event", original, last, first, uid="gen_random_uuid()", actor_type="'user'",
        occurred_at=moment, recorded_at=moment, origin_id=_key(9, f"1 + i % {ORIGINS}"), **values,
    )  # fmt: skip


def _key(kind: int, number: str) -> str:
    return f"('{kind}0000000-0000-7000-8000-' || lpad(({number})::text, 12, '0'))::uuid"


def _copy(table: str, original: Any, last: int, first: int = 1, **values: str) -> None:
    """Copy a row for each number; `values` are expressions of `i`, the number of the copy."""
    with connection.cursor() as cursor:
        cursor.execute(_COLUMNS, [table])
        columns = [name for (name,) in cursor.fetchall()]
        assert values.keys() <= set(columns), values.keys() - set(columns)
        chosen = ", ".join(f"({values[name]})" if name in values else name for name in columns)
        key = "history_id" if table.startswith("contacts_historical") else "id"
        where = f"{key} = '{original}'" if key == "id" else f"id = '{original}' AND version = 2"
        cursor.execute(
            f"INSERT INTO {table} ({', '.join(columns)}) SELECT {chosen} FROM {table} AS original,"
            f" generate_series({first}, {last}) AS i WHERE original.{where}"
        )


_SEALED = """
DELETE FROM activity_pending;
INSERT INTO activity_leaf (epoch, index, event_id, hash)
    SELECT 1, row_number() OVER (ORDER BY id) - 1, id, sha256('leaf') FROM activity_event;
INSERT INTO activity_node (epoch, level, index, hash)
    SELECT 1, 8, i, sha256('node') FROM generate_series(0, 700) AS i;
INSERT INTO activity_checkpoint (epoch, size, root, note, sealed_at)
    SELECT 1, count(*), sha256('root'), '', now() FROM activity_event;
INSERT INTO activity_tally (slot, verb, count, first_id, last_id)
    SELECT date_bin('30 minutes', occurred_at, 'epoch'), verb, count(*), min(id), max(id)
    FROM activity_event GROUP BY 1, 2;
"""


@contextmanager
def _unguarded() -> Iterator[None]:
    """Lift the guards until the block ends; nobody sees the tables before the commit."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE tgenabled = 'A'"
        )
        guards = cursor.fetchall()
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET LOCAL session_replication_role = replica")
        for table, guard in guards:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {guard}")
        yield
        for table, guard in guards:
            cursor.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {guard}")
