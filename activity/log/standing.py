"""Where an entry stands in the signed log, and whether it is as it was sealed."""

from dataclasses import dataclass, field
from enum import StrEnum

from activity.canonical import commitment
from activity.leaf import leaf_hash
from activity.ledger import keys, tree
from activity.ledger.note import NoteError
from activity.ledger.proof import Proof, ProofError
from activity.models import ActivityEvent, Checkpoint, Leaf


class Verdict(StrEnum):
    """What a look at one entry found."""

    VERIFIED = "verified"
    WAITING = "waiting"  # not sealed yet
    ALTERED = "altered"


@dataclass(frozen=True)
class Standing:
    """What was found when the entry was checked just now.

    - `content`: its content is what the entry committed to; None where the content was erased.
    - `record`: what is stored of the entry is what was sealed.
    - `proven`: from it, hashes lead to the root that the newest checkpoint signs.
    - `leaf`: its place in the tree; `sealed` the checkpoint that first had it; `newest` the one
      that it was checked against; `hashes` those that lead there. None before it is sealed.
    """

    content: bool | None
    record: bool = True
    proven: bool = True
    leaf: Leaf | None = None
    sealed: Checkpoint | None = None
    newest: Checkpoint | None = None
    hashes: list[bytes] = field(default_factory=list)

    @property
    def verdict(self) -> Verdict:
        """Return what to say of it in one word."""
        if self.content is False or not (self.record and self.proven):
            return Verdict.ALTERED
        return Verdict.VERIFIED if self.newest else Verdict.WAITING

    @property
    def fingerprint(self) -> str:
        """Return the hash of its leaf in hexadecimal; empty before it is sealed."""
        return bytes(self.leaf.hash).hex() if self.leaf else ""


def standing_of(event: ActivityEvent) -> Standing:
    """Check an entry: its content, its record, and its place in the tree. Costs six queries."""
    content = None if event.is_erased else _content_is_sound(event)
    leaf = Leaf.objects.filter(event_id=event.pk).first()
    if leaf is None:
        return Standing(content)
    record = leaf_hash(event) == bytes(leaf.hash)
    later = Checkpoint.objects.filter(epoch=leaf.epoch, size__gt=leaf.index)
    sealed, newest = later.order_by("size").first(), later.order_by("-size").first()
    if newest is None:
        return Standing(content, record, proven=False, leaf=leaf)
    try:
        hashes = tree.inclusion_proof(leaf.epoch, leaf.index, newest.size)
        proof = Proof(leaf.index, hashes, newest.note)
        proof.check(bytes(leaf.hash), keys.verifiers(leaf.epoch))
    except (tree.Damaged, ProofError, NoteError):
        return Standing(content, record, proven=False, leaf=leaf, sealed=sealed, newest=newest)
    return Standing(content, record, True, leaf, sealed, newest, hashes)


def _content_is_sound(event: ActivityEvent) -> bool:
    try:
        expected = commitment(bytes(event.salt), event.payload)
    except TypeError:  # what nobody could have committed to
        return False
    return expected == bytes(event.commitment)
