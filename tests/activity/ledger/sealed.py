"""A sealed event and its proof, unpacked, as somebody outside gets it."""

import io
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

from activity.ledger.bundle import bundle
from activity.ledger.sealing import seal_pending
from activity.models import ActivityEvent
from tests.activity.happenings import happen
from tests.builders import make_contact

# What a proof consists of; without any of it there is none.
PROOF_FILES = [
    "checkpoint.txt",
    "consistency.json",
    "keys.txt",
    "leaf.json",
    "payload.json",
    "proof.json",
    "proof.txt",
    "rotations.json",
    "salt.txt",
]


def sealed_event(before: int = 0, after: int = 0, **payload: Any) -> ActivityEvent:
    """Return a sealed event of a contact, with so many others before and after it."""
    contact = make_contact()
    happen(contact, times=before + 1, **payload)
    event = ActivityEvent.objects.order_by("-id").first()
    if after:
        happen(contact, times=after)
    seal_pending()
    return event


def unpack(zipped: bytes, folder: Path) -> Path:
    """Unpack a bundle into a folder, which need not exist; return it."""
    with zipfile.ZipFile(io.BytesIO(zipped)) as archive:
        archive.extractall(folder)
    return folder


def unpacked(folder: Path, event: ActivityEvent | None = None, *since: int) -> Path:
    """Return a folder with the proof of an event; of a new one if none is given."""
    return unpack(bundle(event or sealed_event(before=3, after=4), since), folder)


def run_alone(folder: Path, *arguments: Any) -> subprocess.CompletedProcess:
    """Run the verifier of a bundle as somebody does who has Python and `cryptography` only."""
    return subprocess.run(
        [sys.executable, "-P", folder / "verify.py", *map(str, arguments)],
        cwd="/",
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )
