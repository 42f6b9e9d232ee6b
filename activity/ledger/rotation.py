"""Replaces the key that signs the log: the old one vouches for the new one, then the new one signs.

The event that names the new key is the last thing that the old one seals.
"""

from django.db import transaction

from activity.ledger import anchors, keys
from activity.ledger.ground import ground
from activity.ledger.note import Signer
from activity.ledger.refusal import CannotSeal
from activity.ledger.sealing import BATCH, lock, seal_onto, seal_pending
from activity.ledger.succession import introduce
from activity.ledger.waiting import waiting
from activity.models import LedgerKey
from activity.recording import Draft, write


def rotate(new: bytes) -> LedgerKey:
    """Let the key of the seed `new` sign from now on, and return its row.

    Everything that waits, and the event that names it, is sealed under the old key in one
    transaction. Where that was done before, and only the key that signs is still the old one, there
    is nothing more to do. Raises Refused and CannotSeal as sealing does, and CannotSeal for a key
    that has signed before; nothing has then changed.
    """
    known = list(LedgerKey.objects.order_by("epoch", "from_size", "id"))
    same = [key for key in known if key.vkey == Signer(key.vkey.partition("+")[0], new).vkey]
    if same and same[-1] == known[-1] and keys.seed() != new:
        return same[-1]
    if same:
        raise CannotSeal("This key has signed the log before. Take one that has not.")
    seal_pending(wait=True)
    with transaction.atomic():
        key = _rotate(new)
    anchors.publish()
    return key


def _rotate(new: bytes) -> LedgerKey:
    lock(wait=True)
    here = ground()
    vkey = Signer(here.epoch.origin, new).vkey
    payload = {"epoch": here.epoch.number, "vkey": vkey, "old": here.signer.vkey}
    payload["note"] = introduce(here.signer, vkey)
    write([Draft("ledger.key_rotated", "ledger", None, None, payload)])
    while True:
        sealed = len(seal_onto(here, waiting(limit=BATCH)))
        if sealed < BATCH:
            # That the old key has signed for the tree with its successor in it is its last word.
            return keys.admit(here.epoch, new, from_size=here.edge.size + 1)
        here = ground()
