"""Starting bulk actions, and what came of them."""

from typing import Any

from activity.context import acting
from contacts.models import BulkRun, Contact
from tests.builders import make_user

LETTER = {"subject": "News", "body": "Hello {given_name}"}
INVITATION = {"role": "client", "note": "Have a look."}


def people(count: int, **fields: Any) -> list[Contact]:
    return Contact.objects.bulk_create(
        Contact(given_name=f"P{n}", family_name="Person", emails=[f"p{n}@b.example"], **fields)
        for n in range(count)
    )


def manager() -> Any:
    return make_user(name="Max")


def started(action: str, by: Any = None, **parameters: Any) -> BulkRun:
    """Start an action for all contacts, without a worker."""
    run = BulkRun.select(action, Contact.objects.all(), by or manager())
    run.draft(parameters)
    assert run.start(by_worker=False)
    return run


def finished(action: str, by: Any = None, **parameters: Any) -> BulkRun:
    run = started(action, by, **parameters)
    with acting(actor=run.started_by, channel="bulk"):
        run.run()
    assert run.state == "finished"
    return run


def counts(run: BulkRun) -> tuple[int, int, int]:
    return run.acted, run.skipped, run.failed
