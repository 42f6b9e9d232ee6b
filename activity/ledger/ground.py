"""What the sealer stands on: it looks at all of it before it signs anything more."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings

from activity.ledger import anchors, keys, tree
from activity.ledger.merkle import Frontier
from activity.ledger.note import NoteError, Signer, TreeHead, open_checkpoint, parse_checkpoint
from activity.ledger.refusal import Refused
from activity.models import Checkpoint, Epoch


@dataclass(frozen=True)
class Ground:
    """The tree that grows: its last checkpoint, its right edge, and who signs the next one."""

    epoch: Epoch
    head: Checkpoint | None
    edge: Frontier
    signer: Signer


def origin_of(number: int) -> str:
    """Return the name for the outside (C2SP: origin) of an epoch that begins now."""
    site = urlsplit(settings.SITE_URL)
    return f"{site.netloc}{site.path}/ledger/{number}"


def number_of(origin: str) -> int:
    """Return the number of the epoch that a name for the outside is of; 0 where it is of none."""
    number = origin.rpartition("/ledger/")[2]
    return int(number) if number.isdecimal() else 0


def ground() -> Ground:
    """Return what to go on from; the first epoch is begun where there is none.

    Call it within the transaction that holds the sealer's lock. Raises Refused where the tree, its
    last checkpoint and what is known outside do not agree, or the epoch does not know the key, and
    CannotSeal where something it takes is not there.
    """
    epoch = Epoch.objects.order_by("-number").first()
    if epoch is None:
        head, edge = None, Frontier()
        _compare_with_outside(None, None)
        epoch = begin(1, "")
    else:
        head = Checkpoint.objects.filter(epoch=epoch.number).order_by("-size").first()
        edge = _edge(epoch, head)
        _compare_with_outside(epoch, head)
    return Ground(epoch, head, edge, keys.signer(epoch))


def begin(number: int, opening: str) -> Epoch:
    """Begin an epoch, under the key there is."""
    seed = keys.seed()
    epoch = Epoch.objects.create(number=number, origin=origin_of(number), opening=opening)
    keys.admit(epoch, seed, from_size=0)
    return epoch


def _edge(epoch: Epoch, head: Checkpoint | None) -> Frontier:
    """Return the tree's right edge; raises Refused where it is not what was signed last."""
    size = tree.size(epoch.number)
    signed = head.size if head else 0
    if size != signed:
        raise Refused("tree", f"{signed} leaves, as in the last checkpoint; there are {size}")
    try:
        edge = tree.frontier(epoch.number, size)
    except tree.Damaged as damage:
        raise Refused("tree", f"the hashes over {size} leaves. {damage}") from damage
    if head:
        if edge.root() != bytes(head.root):
            raise Refused("tree", f"the root {head.root.hex()} over {size} leaves")
        try:
            said = open_checkpoint(head.note, keys.verifiers(epoch.number))
        except NoteError as error:
            raise Refused("checkpoint", f"a signed checkpoint of size {size}. {error}") from error
        if said != TreeHead(epoch.origin, size, bytes(head.root)):
            raise Refused("checkpoint", f"a checkpoint of {epoch.origin} with {size} leaves")
    return edge


def _compare_with_outside(epoch: Epoch | None, head: Checkpoint | None) -> None:
    """Raise Refused where a checkpoint is known outside that this tree does not lead on from."""
    note = anchors.latest()
    if not note or (head and note == head.note):
        return
    try:
        known = parse_checkpoint(note)
    except NoteError as error:
        raise Refused("anchor", f"a checkpoint in the anchors' file {anchors.LATEST}") from error
    if epoch is None or known.origin != epoch.origin:
        if not epoch or not _is_behind(known, epoch):
            raise Refused(
                "anchor",
                f"the log {known.origin} with {known.size} leaves, known outside. If this is a "
                "restored backup, say so with seal_ledger --new-epoch",
            )
        return
    size = head.size if head else 0
    if known.size > size:
        raise Refused(
            "anchor",
            f"{known.size} leaves, known outside; there are {size}. If this is a restored backup, "
            "say so with seal_ledger --new-epoch",
        )
    try:
        matches = tree.root(epoch.number, known.size) == known.root
    except tree.Damaged:
        matches = False
    if not matches:
        raise Refused("anchor", f"the root {known.root.hex()} over {known.size} leaves")


def _is_behind(known: TreeHead, epoch: Epoch) -> bool:
    """Tell whether an epoch, or one before it, began after that checkpoint and knew of it."""
    openings = Epoch.objects.filter(number__lte=epoch.number).exclude(opening="")
    trusted = [parse_checkpoint(opening) for opening in openings.values_list("opening", flat=True)]
    return any(
        known == each or (known.origin == each.origin and known.size < each.size)
        for each in trusted
    )
