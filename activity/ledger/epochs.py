"""Begins another log, once a person has confirmed that a backup was restored.

The log in a restored backup is shorter than what is known of it outside. It cannot be continued:
two logs would go by one name. What it held stays provable under its last checkpoint.
"""

from django.db import transaction

from activity.ledger import anchors, keys
from activity.ledger.ground import Ground, begin, ground, number_of
from activity.ledger.merkle import Frontier
from activity.ledger.note import (
    NoteError,
    Signer,
    TreeHead,
    Verifier,
    open_checkpoint,
    parse_checkpoint,
)
from activity.ledger.refusal import CannotSeal, Refused
from activity.ledger.sealing import lock, seal_onto
from activity.ledger.waiting import waiting
from activity.models import Checkpoint, Epoch, LedgerKey
from activity.recording import Draft, write


def begin_anew(given: str = "") -> Epoch:
    """Begin a new epoch and return it, with its first event sealed.

    That event, `ledger.restored`, holds the last checkpoint that can be trusted: of the one
    `given` and the one known outside the later one, else the newest here. Raises CannotSeal where
    nothing says that a backup was restored, and where one of them was not signed by this log.
    """
    with transaction.atomic():
        epoch = _begin(given)
    anchors.publish()
    return epoch


def _begin(given: str) -> Epoch:
    lock(wait=True)
    newest = Checkpoint.objects.order_by("-epoch", "-size").first()
    outside = [note for note in (given, anchors.latest()) if note]
    heads = {_trusted(note): note for note in outside}
    here = parse_checkpoint(newest.note) if newest else None
    if not (given and _is_ahead(_trusted(given), here)) and not _refuses():
        raise CannotSeal(
            "Nothing says that a backup was restored: the log goes on as it is. If you have a "
            "checkpoint of a later state, give it with --checkpoint."
        )
    last = max(heads, key=_rank) if heads else here
    trusted = heads.get(last, newest.note if newest else "")
    numbers = [0, *Epoch.objects.values_list("number", flat=True)]
    numbers += [number_of(head.origin) for head in heads]
    epoch = begin(max(numbers) + 1, trusted)
    payload = {
        "epoch": epoch.number,
        "checkpoint": trusted,
        "size": last.size if last else 0,
        "kept": newest.size if newest else 0,
    }
    [event] = write([Draft("ledger.restored", "ledger", None, None, payload)])
    seal_onto(Ground(epoch, None, Frontier(), keys.signer(epoch)), waiting(only=event))
    return epoch


def _refuses() -> bool:
    """Tell whether the sealer has a reason not to go on."""
    try:
        with transaction.atomic():
            ground()
    except Refused:
        return True
    return False


def _trusted(note: str) -> TreeHead:
    """Return what a checkpoint from outside says; raises CannotSeal where we did not sign it."""
    try:
        origin = parse_checkpoint(note).origin
        known = list(LedgerKey.objects.filter(vkey__startswith=f"{origin}+"))
        vkeys = {Signer(origin, keys.seed()).vkey, *(key.vkey for key in known)}
        return open_checkpoint(note, map(Verifier, vkeys))
    except NoteError as error:
        raise CannotSeal(
            f"This is no checkpoint that a key of this log has signed: {note[:300]!r} ({error})"
        ) from error


def _is_ahead(given: TreeHead, here: TreeHead | None) -> bool:
    """Tell whether a checkpoint shows that the log here is not all there was."""
    return here is None or _rank(given) > _rank(here)


def _rank(head: TreeHead) -> tuple[int, int]:
    return number_of(head.origin), head.size
