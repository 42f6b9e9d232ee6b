"""Is every key introduced by the one before it, and every epoch by what it goes on from?"""

import hashlib
from base64 import b64decode
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from django.db import connection

from activity.ledger import tree
from activity.ledger.ground import number_of
from activity.ledger.note import NoteError, Verifier, open_checkpoint
from activity.ledger.succession import introduced
from activity.ledger.verification.findings import Finding, notice
from activity.ledger.verification.heads import Head, Signers
from activity.models import Checkpoint, Epoch

_ROTATIONS = """
SELECT payload->>'vkey', event.id, leaf.index, payload->>'note' FROM activity_event AS event
JOIN activity_leaf AS leaf ON leaf.event_id = event.id
WHERE verb = 'ledger.key_rotated' AND leaf.epoch = %s ORDER BY leaf.index
"""
_FIRST_EVENT = """
SELECT event.id, verb, payload->>'checkpoint' FROM activity_leaf AS leaf
JOIN activity_event AS event ON event.id = leaf.event_id
WHERE leaf.epoch = %s AND leaf.index = 0
"""


class Log:
    """An epoch, who signs it, and how much of it is known to have been lost.

    `lost_to` is the size up to which a restored backup has cut it off; 0 where none did. `known`
    are the roots that it must have by what is known elsewhere.
    """

    def __init__(self, epoch: Epoch) -> None:
        """Read the keys, and how large the tree is."""
        self.epoch = epoch
        self.signers = Signers(epoch)
        self.size = tree.size(epoch.number)
        self.lost_to = 0
        self.known: list[Head] = []

    def know(self, head: Head) -> Iterator[Finding]:
        """Take in a root that it must have; a notice says where its leaves were lost."""
        if self.size < head.size <= self.lost_to:
            text = f"{head.source} is of {head.size} leaves; a restored backup has {self.size}"
            yield notice(head.kind, text)
        else:
            self.known.append(head)

    def check_keys(self) -> Iterator[Finding]:
        """Yield a finding for each key that was not introduced as it should be."""
        number = self.epoch.number
        for row in self.signers.malformed:
            yield Finding("key", None, f"a public key in row {row.pk} of activity_key")
        if [size for size, _key in self.signers.keys].count(0) != 1:
            yield Finding("key", None, f"one first key of log {number}")
        rotations = {vkey: rotation for vkey, *rotation in self._rows(_ROTATIONS)}
        last_words = Checkpoint.objects.filter(epoch=number)
        for (_size, old), (from_size, new) in pairwise(self.signers.keys):
            event, index, note = rotations.pop(new.vkey, (None, from_size, ""))
            is_sealed = last_words.filter(size=from_size - 1).exists() and index < from_size - 1
            if not is_sealed or not _introduces(note, old, new):
                text = f"a ledger.key_rotated, sealed before {from_size}, in which the key of log "
                yield Finding("key", event, f"{text}{number} introduces {new.vkey}")
        for vkey, (event, *_rest) in rotations.items():
            yield Finding("key", event, f"the key that this event introduces: {vkey}")

    def check_opening(self, logs: "dict[str, Log]") -> Iterator[Finding]:
        """Yield what does not hold of how it goes on from another; notes what was lost there."""
        number, opening = self.epoch.number, self.epoch.opening
        event, verb, named = next(self._rows(_FIRST_EVENT), (None, "", ""))
        if opening == "" and number == min(log.epoch.number for log in logs.values()):
            return
        if (verb, named) != ("ledger.restored", opening):
            text = f"ledger.restored as the first event of log {number}, with its opening"
            yield Finding("epoch", event, text)
        try:
            head = open_checkpoint(opening, verifiers(logs, opening.partition("\n")[0]))
        except NoteError as error:
            text = f"a checkpoint of an earlier log as the opening of log {number}. {error}"
            yield Finding("epoch", event, text)
            return
        before = logs.get(head.origin)
        if before is None:
            yield notice(
                "epoch", f"the log {head.origin} was lost when a backup was restored", event
            )
            for log in logs.values():
                if log.epoch.number < number_of(head.origin):
                    log.lost_to = 2**63 - 1
        elif before.size < head.size:
            before.lost_to = head.size
            lost = f"the last {head.size - before.size} of {head.size} events of {head.origin}"
            yield notice("epoch", f"{lost} were lost when a backup was restored", event)
        else:
            source = f"the opening of log {number}"
            before.known.append(Head(head.size, head.root, "epoch", source))

    def _rows(self, query: str) -> Iterator[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(query, [self.epoch.number])
            return iter(cursor.fetchall())


def _introduces(note: str | None, old: Verifier, new: Verifier) -> bool:
    try:
        return introduced(note or "", [old]).vkey == new.vkey
    except NoteError:
        return False


def verifiers(logs: "dict[str, Log]", origin: str) -> list[Verifier]:
    """Return the keys that may have signed what is known elsewhere of a log.

    One that replaced its keys after a backup was made is known from the log that follows.
    """
    own = logs[origin].signers.verifiers if origin in logs else []
    known = {key.vkey for key in own}
    others = [_renamed(key, origin) for log in logs.values() for key in log.signers.verifiers]
    return own + [key for key in others if key.vkey not in known]


def _renamed(key: Verifier, name: str) -> Verifier:
    """Return the same key under another name (C2SP signed-note: its id depends on both)."""
    encoded = key.vkey.split("+", 2)[2]
    key_id = hashlib.sha256(f"{name}\n".encode() + b64decode(encoded)).digest()[:4]
    return Verifier(f"{name}+{key_id.hex()}+{encoded}")
