"""Why the log is not sealed: because something is wrong with it, or because it cannot be now."""

from typing import Any

from activity.models import LedgerCheck

KEPT = 100  # findings of one look at the log


class Refused(Exception):
    """What stands in the database is not what was sealed: signing it would hide that.

    `findings` says what was found, each with `kind`, `event` (an id, or None) and `expected`;
    `is_news` that the sealer did not refuse for the same the last time.
    """

    is_news = True

    def __init__(self, kind: str, expected: str, event: int | None = None) -> None:
        """Refuse for one reason; `also` adds others."""
        super().__init__(expected)
        self.findings: list[dict[str, Any]] = []
        self.also(kind, expected, event)

    def also(self, kind: str, expected: str, event: int | None = None) -> None:
        """Add a finding."""
        self.findings.append({"kind": kind, "event": event, "expected": expected})


class CannotSeal(Exception):
    """Nothing is known to be wrong, but something is missing; the text says what to do."""


def note_refusal(refused: Refused, began_at: Any, epoch: int, size: int) -> bool:
    """Keep a refusal for the log's page; return whether it is news.

    The same one again only moves on the time of the row that tells of it.
    """
    newest = LedgerCheck.objects.filter(kind=LedgerCheck.Kind.SEAL).order_by("-id").first()
    row = LedgerCheck(
        kind=LedgerCheck.Kind.SEAL,
        began_at=began_at,
        ok=False,
        epoch=epoch,
        size=size,
        findings=refused.findings[:KEPT],
        total_findings=len(refused.findings),
    )
    if newest and not newest.ok and newest.findings == row.findings:
        LedgerCheck.objects.filter(pk=newest.pk).update(ended_at=row.ended_at)
        return False
    row.save()
    return True


def note_recovery(began_at: Any, epoch: int, size: int) -> None:
    """Keep that the sealer signs again, where it refused the last time."""
    newest = LedgerCheck.objects.filter(kind=LedgerCheck.Kind.SEAL).order_by("-id").first()
    if newest and not newest.ok:
        LedgerCheck.objects.create(
            kind=LedgerCheck.Kind.SEAL, began_at=began_at, ok=True, epoch=epoch, size=size
        )
