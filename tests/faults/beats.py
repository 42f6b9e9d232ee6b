"""Runs two beats and two workers at once, and counts what was done twice.

    .venv/bin/python -m tests.faults.beats --minutes 8

Mails are queued, invitations run out, digests fall due, imports and exports wait, and events are
to be sealed, while two beats tell two workers to look after all of it. It prints how often each
was done, and exits with 1 where anything was done twice or not at all.
"""

import argparse
import signal
import sys
import time
from collections import Counter
from datetime import timedelta
from email import message_from_bytes, policy
from typing import Any

from uuid_utils.compat import uuid7

from tests.faults.installation import Installation, say, wait_until

MAILS, INVITATIONS, READERS, ROWS = 40, 20, 10, 3_000
TERM = 60.0  # seconds of an invitation
AUDITOR = "auditor@calder.example"


def main() -> int:
    """Run the trial; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=8)
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    installation = Installation(LEDGER_ANCHOR_EMAILS=AUDITOR)
    try:
        installation.set_up(people=1)
        prepare()
        for number in (1, 2):
            installation.start("worker")
            folder = installation.var / f"beat{number}"
            folder.mkdir()
            command = installation.commands["beat"].replace("$ANNALS_VAR/beat", f"{folder}/beat")
            installation.commands[f"beat{number}"] = command
            installation.start(f"beat{number}")
        wait_until(lambda: not waiting(), arguments.minutes * 60)
        time.sleep(90)  # for whoever would do it all again
        mails = (installation.var / "mail").glob("*.eml")
        problems = tell(
            [message_from_bytes(mail.read_bytes(), policy=policy.default) for mail in mails]
        )
    finally:
        installation.close()
    for problem in problems:
        say(f"  WRONG: {problem}")
    return 1 if problems else 0


def prepare() -> None:
    """Make what beats have to look after."""
    from django.conf import settings
    from django.core.files.base import ContentFile
    from django.db import transaction

    from accounts.models import User
    from activity.context import acting
    from activity.models import ActivityExport
    from contacts.models import Comment, Follow, ImportRun, Invitation, Message
    from tests.builders import make_contact, make_user

    author = make_user("manager", name="Mia")
    for number in range(MAILS):
        address = f"mail{number}@calder.example"
        with transaction.atomic():
            contact = make_contact(given_name=f"Mail {number}", emails=[address])
            Message.send(contact, author=author, address=address, body="Hi", grace=timedelta(0))
    settings.INVITATION_DAYS = TERM / 86_400
    for number in range(INVITATIONS):
        address = f"late{number}@calder.example"
        with transaction.atomic():
            contact = make_contact(given_name=f"Late {number}", emails=[address])
            Invitation.send(contact, inviter=author, email=address, role="client")
    contact = make_contact(given_name="Amara", emails=["amara@calder.example"])
    for number in range(READERS):
        reader = make_user(name=f"Reader{number}", digest=User.Digest.AT_ONCE)
        Follow.objects.create(contact=contact, user=reader)
    with acting(actor=author, channel="web"):
        Comment.add(contact, author=author, body="Call back", pk=uuid7())
    for kind in ("ndjson", "csv"):
        ActivityExport.ask(uuid7(), made_by=author, query="", complete=False, format=kind)
    rows = "".join(f"Row {number},row{number}@calder.example\n" for number in range(ROWS))
    file = ContentFile(f"First name,Email\n{rows}".encode(), name="fair.csv")
    run = ImportRun.receive(file, author)
    run.start(run.targets)


def waiting() -> list[str]:
    """Return what is not over yet."""
    from activity.models import ActivityExport, Anchor, Notification, Pending
    from contacts.models import Delivery, ImportRun, Invitation

    left = {
        "mails": Delivery.objects.filter(state__in=("queued", "sending")),
        "invitations": Invitation.objects.living(),
        "digests": Notification.objects.waiting().filter(user__digest="at_once"),
        "exports": ActivityExport.objects.active(),
        "imports": ImportRun.objects.active(),
        "seals": Pending.objects.all(),
    }
    found = [name for name, rows in left.items() if rows.exists()]
    return found if Anchor.objects.count() == len(Anchor.Place) else [*found, "anchors"]


def tell(letters: list[Any]) -> list[str]:
    """Print how often each thing was done; return what was done twice, or not at all.

    `letters` are the mails that left.
    """
    from activity.ledger.verification.run import Verification
    from activity.models import ActivityEvent, Anchor, LedgerCheck
    from contacts.models import Contact

    to = Counter(letter["To"] for letter in letters)
    verbs = Counter(ActivityEvent.objects.values_list("verb", "object_id"))
    of_verb = Counter(verb for verb, _ in ActivityEvent.objects.values_list("verb", "object_id"))
    imported = Contact.objects.filter(given_name__startswith="Row ").count()
    done = {
        "messages mailed": (sum(n for who, n in to.items() if who.startswith("mail")), MAILS),
        "invitations run out": (of_verb["invitation.expired"], INVITATIONS),
        "digests mailed": (sum(to[user] for user in _readers()), READERS),
        "checkpoints mailed": (to[AUDITOR], 1),
        "anchors of the day": (Anchor.objects.count(), len(Anchor.Place)),
        "heartbeats": (of_verb["ledger.sealed"], 1),
        "exports": (of_verb["export.created"], 2),
        "rows imported": (imported, ROWS),
        "verifications": (LedgerCheck.objects.filter(kind=LedgerCheck.Kind.VERIFY).count(), 1),
    }
    for name, (times, wanted) in done.items():
        say(f"{name}: {times} of {wanted}")
    problems = [f"{name}: {n} of {wanted}" for name, (n, wanted) in done.items() if n != wanted]
    problems += [f"waits: {name}" for name in waiting()]
    once = ("invitation.expired", "message.sent", "export.created", "contact.created")
    problems += [f"{v} {pk} {n} times" for (v, pk), n in verbs.items() if n > 1 and v in once]
    problems += [f"mailed {n} times: {m}" for m, n in _same(letters).items() if n > 1]
    return problems + [str(each) for each in Verification().run() if not each.is_notice]


def _readers() -> list[str]:
    from accounts.models import User

    return list(User.objects.filter(digest="at_once").values_list("email", flat=True))


def _same(letters: list[Any]) -> Counter[str]:
    return Counter(letter["Message-ID"] for letter in letters)


if __name__ == "__main__":
    sys.exit(main())
