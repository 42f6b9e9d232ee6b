"""ANNALS_VAR, the folder under which everything lives that Annals brings along."""

import errno
import hashlib
import os
import stat
from pathlib import Path

VAR = Path(
    os.environ.get("ANNALS_VAR") or Path(__file__).resolve().parent.parent.parent / "var"
).resolve()
# The shortest limit of a unix socket's path among the systems we run on: macOS 104 bytes with its
# closing zero (Linux has 108).
LONGEST_SOCKET_PATH = 103


class Unavailable(Exception):
    """What Annals brings along cannot run here; the text tells a person why and what to do."""


def explain(error: OSError) -> Unavailable:
    """Return the failure to use a file under VAR as a sentence that says what to do."""
    where = error.filename or VAR
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return Unavailable(
            f"The disk that holds {VAR} is full: free some space, or name a folder on another disk "
            "with ANNALS_VAR."
        )
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return Unavailable(
            f"Annals may not write to {where}: run it as the user that folder belongs to, or name "
            "a folder of your own with ANNALS_VAR."
        )
    return Unavailable(
        f"Annals cannot use {where} ({error.strerror}): name another folder with ANNALS_VAR."
    )


def make(folder: Path) -> Path:
    """Make `folder` for its owner alone where it is missing, and return it."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise explain(error) from error
    return folder


def sockets(folder: Path) -> Path:
    """Return where the server that keeps its data in `folder` has its socket.

    That is `folder`, or a folder in /tmp named after it where the socket's path would be too long.
    """
    if len(os.fsencode(folder / ".s.PGSQL.5432.lock")) <= LONGEST_SOCKET_PATH:
        return folder
    digest = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    # Not tempfile.gettempdir(): every process must find the same folder, whatever its TMPDIR.
    return Path("/tmp") / f"annals-{digest}"  # noqa: S108


def make_sockets(folder: Path, owner: int) -> Path:
    """Make the folder of `sockets(folder)` for the user id `owner` alone, and return it.

    Raises Unavailable where another user has made it, as they could read what goes through it.
    """
    place = sockets(folder)
    if place == folder:
        return place
    make(place)
    found = place.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in (owner, os.geteuid()):
        raise Unavailable(
            f"{place} belongs to another user: remove it, or name a folder with a shorter path "
            "with ANNALS_VAR."
        )
    os.chown(place, owner, -1)
    return place
