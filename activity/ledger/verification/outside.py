"""What is known of the log outside its tables: checkpoints that left, and the list of them."""

from collections.abc import Iterator

from activity.ledger import tree
from activity.ledger.ground import number_of
from activity.ledger.merkle import verify_consistency
from activity.ledger.note import NoteError, TreeHead, open_checkpoint, parse_checkpoint
from activity.ledger.verification.epochs import Log, verifiers
from activity.ledger.verification.findings import Finding, notice
from activity.ledger.verification.heads import Head
from activity.models import Anchor


def take_in(logs: dict[str, Log], source: str, note: str) -> Iterator[Finding]:
    """Have a checkpoint from outside count as a root that its log must have.

    Yields a finding where it is none, is not signed by a key of ours, or is of a log that is not
    there; a notice where its leaves are known to be lost.
    """
    try:
        origin = parse_checkpoint(note).origin
        said = open_checkpoint(note, verifiers(logs, origin))
    except NoteError as error:
        yield Finding("anchor", None, f"{source} signed by the key of a log. {error}")
        return
    if log := logs.get(origin):
        yield from log.know(Head(said.size, said.root, "anchor", source))
    elif _was_lost(logs, said):
        yield notice("anchor", f"{source} is of {origin}, which a restored backup does not have")
    else:
        yield Finding("anchor", None, f"the log {origin}, as {source} says; it is gone")


def take_in_list(logs: dict[str, Log]) -> Iterator[Finding]:
    """Have the list of the checkpoints that left count as well."""
    by_number = {log.epoch.number: log for log in logs.values()}
    for anchor in Anchor.objects.order_by("pk").iterator():
        source = f"row {anchor.pk} of activity_anchor"
        if log := by_number.get(anchor.epoch):
            yield from log.know(Head(anchor.size, bytes(anchor.root), "anchor", source))
        else:
            yield Finding("anchor", None, f"log {anchor.epoch}, as {source} says; it is gone")


def check_earlier(log: Log, since: Head) -> Iterator[Finding]:
    """Yield a finding for each known root of before `since` that it does not continue.

    They leave the log's known roots, as a walk that begins at `since` does not come by.
    """
    earlier = [head for head in log.known if 0 < head.size < since.size]
    log.known = [head for head in log.known if head.size >= since.size]
    for head in earlier:
        try:
            proof = tree.consistency_proof(log.epoch.number, head.size, since.size)
            holds = verify_consistency(head.size, since.size, head.root, since.root, proof)
        except tree.Damaged:
            holds = False
        if not holds:
            text = f"{since.source}, with {since.size} leaves, to continue {head.source}"
            yield Finding(head.kind, None, f"{text}, with {head.size}")


def _was_lost(logs: dict[str, Log], said: TreeHead) -> bool:
    openings = [log.epoch.opening for log in logs.values() if log.epoch.opening]
    return any(
        number_of(said.origin) < number_of(head.origin)
        or (said.origin == head.origin and said.size <= head.size)
        for head in map(parse_checkpoint, openings)
    )
