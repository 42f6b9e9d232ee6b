"""The proof of an event as a zip file, for somebody who has nothing of Annals."""

import io
import string
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models.fields.json import KT

from activity.canonical import canonical, commitment
from activity.leaf import leaf_data, leaf_hash, moment
from activity.ledger import keys, tree
from activity.ledger.merkle import Range, consistency_path, verify_consistency
from activity.ledger.note import NoteError, Verifier
from activity.ledger.proof import Proof, ProofError
from activity.ledger.succession import introduced
from activity.models import ActivityEvent, Anchor, Checkpoint, Leaf

ANCHORS = 100  # the newest that left this server: they are covered without being asked for
_HERE = Path(__file__).parent
_MODES = {"verify.py": 0o755}
_BEGAN = (1980, 1, 1, 0, 0, 0)  # the same proof is the same file


class NotSealed(LookupError):
    """An event has no place in the log yet: the sealer has not come to it."""


class NoSuchSize(ValueError):
    """The log never had that many entries."""


def bundle_name(event: ActivityEvent) -> str:
    """Return what the file with an event's proof is called."""
    return f"annals-proof-{event.uid}.zip"


def bundle(event: ActivityEvent, since: Iterable[int] = (), *, with_content: bool = True) -> bytes:
    """Return a zip file that proves an event under the newest checkpoint of its log.

    `since` are sizes that the log had before: the file then also proves that it has only grown
    since then, as it does for the newest checkpoints that left this server. It proves the event
    also without its content: what it says is then left out.

    Raises NotSealed, NoSuchSize, and ProofError where the event or the log is not as it was sealed,
    so that nothing could be proved.
    """
    leaf = Leaf.objects.filter(event_id=event.pk).first()
    if leaf is None:
        raise NotSealed
    newest = Checkpoint.objects.filter(epoch=leaf.epoch).order_by("-size").first()
    if newest is None or newest.size <= leaf.index:
        raise ProofError("The checkpoint under which the event was sealed is gone.")
    try:
        hashes = tree.inclusion_proof(leaf.epoch, leaf.index, newest.size)
        growth = _growth(newest, since)
        signers = keys.verifiers(leaf.epoch)
        proof = Proof(leaf.index, hashes, newest.note)
        _check(event, leaf, proof, signers)
        rotations = _rotations(signers)
    except (tree.Damaged, NoteError) as error:
        raise ProofError(str(error)) from error
    return _zipped({
        "README.txt": _readme(event, newest.size, signers[-1]),
        "leaf.json": leaf_data(event),
        **(_content(event) if with_content else {}),
        "proof.txt": proof.text,
        "proof.json": canonical(proof.as_json(leaf_hash(event))),
        "checkpoint.txt": newest.note,
        "consistency.json": canonical(growth),
        "rotations.json": canonical(rotations),
        "keys.txt": "".join(f"{key.vkey}\n" for key in signers),
        "verify.py": (_HERE / "verify.py").read_bytes(),
    })  # fmt: skip


def _content(event: ActivityEvent) -> dict[str, str | bytes]:
    if event.is_erased:
        return {}
    return {
        "payload.json": canonical(event.payload),
        "salt.txt": f"{bytes(event.salt).hex()}\n",
    }


def _check(event: ActivityEvent, leaf: Leaf, proof: Proof, signers: list[Verifier]) -> None:
    """Raise ProofError or NoteError where the proof would not convince anybody."""
    if leaf_hash(event) != bytes(leaf.hash):
        raise ProofError("The event is not as it was when it was sealed.")
    if not event.is_erased and (
        commitment(bytes(event.salt), event.payload) != bytes(event.commitment)
    ):
        raise ProofError("What the event says is not what it said when it was recorded.")
    proof.check(bytes(leaf.hash), signers)


def _growth(newest: Checkpoint, since: Iterable[int]) -> list[dict[str, Any]]:
    """Return proofs that a log continues what it was at those sizes, and at those others know."""
    anchored = Anchor.objects.filter(epoch=newest.epoch, size__lte=newest.size).order_by("-id")
    known = {anchor.size: bytes(anchor.root) for anchor in anchored[:ANCHORS]}
    asked = dict.fromkeys(since)
    if any(not 0 < size <= newest.size for size in asked):
        raise NoSuchSize(f"This log has had 1 to {newest.size} entries.")
    paths = {size: consistency_path(size, newest.size) for size in sorted(known | asked)}
    wanted: dict[Range, bytes] = dict.fromkeys(
        [(0, size) for size in paths] + [each for path in paths.values() for each in path]
    )
    found = dict(zip(wanted, tree.hashes(newest.epoch, wanted), strict=True))
    grown = []
    for size, path in paths.items():
        root, proof = found[0, size], [found[each] for each in path]
        if known.get(size, root) != root or not verify_consistency(
            size, newest.size, root, bytes(newest.root), proof
        ):
            raise ProofError(f"The log does not continue what it was at {size} entries.")
        hexed = [each.hex() for each in proof]
        grown.append({"size": size, "root": root.hex(), "hashes": hexed})
    return grown


def _rotations(signers: list[Verifier]) -> list[str]:
    """Return the notes in which each key names the one after it, oldest first.

    Events that were made to look like one are passed over. Raises ProofError where one is missing.
    """
    events = ActivityEvent.objects.filter(
        verb="ledger.key_rotated", payload__vkey__in=[key.vkey for key in signers[1:]]
    )
    known, notes = signers[:1], []
    for note in events.order_by("id").values_list(KT("payload__note"), flat=True):
        try:
            key = introduced(note or "", known)
        except NoteError:
            continue
        if key.vkey not in {each.vkey for each in known}:
            known.append(key)
            notes.append(note)
    if [key.vkey for key in known] != [key.vkey for key in signers]:
        raise ProofError("A key that signs the log was not introduced by the one before it.")
    return notes


def _readme(event: ActivityEvent, size: int, signer: Verifier) -> str:
    return string.Template((_HERE / "README.txt").read_text()).substitute(
        site=settings.SITE_URL,
        uid=event.uid,
        verb=event.verb,
        occurred=moment(event.occurred_at),
        origin=signer.name,
        size=size,
        key=signer.vkey,
    )


def _zipped(files: dict[str, str | bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, _BEGAN)
            entry.external_attr = (0o100000 | _MODES.get(name, 0o644)) << 16
            archive.writestr(entry, content, zipfile.ZIP_DEFLATED)
    return packed.getvalue()
