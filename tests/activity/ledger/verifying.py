"""Running `manage.py verify_ledger`."""

from io import StringIO
from typing import Any, NamedTuple

from django.core.management import CommandError, call_command

from activity.models import Leaf

CHANGE = "UPDATE activity_event SET verb = 'contact.archived' WHERE id = %s"


class Outcome(NamedTuple):
    """What a run of the command printed, and its exit code."""

    code: int
    output: str
    errors: str


def verify(*arguments: Any) -> Outcome:
    output, errors = StringIO(), StringIO()
    try:
        call_command("verify_ledger", *map(str, arguments), stdout=output, stderr=errors)
    except SystemExit as end:
        return Outcome(end.code, output.getvalue(), errors.getvalue())
    except CommandError as problem:
        return Outcome(problem.returncode, output.getvalue(), str(problem))
    return Outcome(0, output.getvalue(), errors.getvalue())


def event_at(index: int) -> int:
    return Leaf.objects.get(index=index).event_id
