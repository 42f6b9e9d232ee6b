"""Fills the disk under all that Annals keeps, and makes room again.

    .venv/bin/python -m tests.faults.disk --rounds 3 --seconds 20

Database, queue, mail, files and anchors lie on a file system in memory of its own (`MEGABYTES`),
for which this process starts itself again with the right to mount it (`unshare`), where it is not
root. Eight people write, archive, restore and read, a message is queued each second, and files are
sent, beside worker and beat; then the disk is filled to its last byte for `--seconds`, and emptied.
It prints what was answered meanwhile and how long after that the first comment was saved; and exits
with 1 where something was answered that was no success, no 503 and no 507, where anything that was
said to be saved is missing, a mail is lost or was sent twice, or the log does not verify. Exits
with 2 where no file system can be mounted.
"""

import argparse
import ctypes
import errno
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from uuid_utils.compat import uuid7

from tests.faults.installation import Installation, say, wait_until
from tests.faults.people import Journal, Person, Place, account, at_work, total
from tests.faults.redis_away import Mails

MEGABYTES = 400
CALM = 5.0  # seconds before each time
PATIENCE = 180.0  # seconds for everything to be as before
ALLOWED = "ANNALS_MAY_MOUNT"  # in the environment of the process that was started again


def main() -> int:
    """Run all rounds; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=20)
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with tempfile.TemporaryDirectory(prefix="annals-d-", dir="/tmp") as folder:
        if not mount(folder):
            return again()
        try:
            problems = on_disk(folder, arguments)
        finally:
            ctypes.CDLL(None).umount2(folder.encode(), 2)  # MNT_DETACH
    for problem in problems:
        say(f"  WRONG: {problem}")
    return 1 if problems else 0


def mount(folder: str) -> bool:
    """Put a file system of our own there; return whether that is allowed."""
    options = f"size={MEGABYTES}m,mode=755".encode()
    return ctypes.CDLL(None).mount(b"tmpfs", folder.encode(), b"tmpfs", 0, options) == 0


def again() -> int:
    """Start this once more, as one that may mount what nobody else sees."""
    if ALLOWED in os.environ or not shutil.which("unshare"):
        say("No file system can be mounted here: run this as root, or where `unshare` is allowed.")
        return 2
    allowed = ["unshare", "--user", "--map-current-user", "--keep-caps", "--mount"]
    program = [sys.executable, "-m", "tests.faults.disk", *sys.argv[1:]]
    return subprocess.run(
        [*allowed, *program], env=os.environ | {ALLOWED: "1"}, check=False
    ).returncode


def on_disk(folder: str, arguments: argparse.Namespace) -> list[str]:
    """Run all rounds on the disk that is mounted there; return what should not be."""
    spool = Path(folder) / "arriving"
    spool.mkdir()
    installation = Installation(var=folder, TMPDIR=str(spool))
    try:
        installation.set_up()
        from config import embedded

        threading.Thread(target=embedded.watch, daemon=True).start()
        for name in ("web", "worker", "beat"):
            installation.start(name)
        wait_until(lambda: installation.status("/readyz") == 200, PATIENCE)
        problems: list[str] = []
        for _ in range(arguments.rounds):
            problems += trial(installation, Path(folder), arguments.seconds)
        return problems
    finally:
        installation.close()


def trial(installation: Installation, folder: Path, seconds: float) -> list[str]:
    """Fill the disk once under load; return what should not be."""
    filler, uploads = folder / "filler", set()
    with Mails(installation) as mails, at_work(installation) as journals:
        time.sleep(CALM)
        before = sum(len(journal.saved) for journal in journals)
        with filler.open("wb") as file:
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                fill(file)
                uploads.add(upload(installation))
                time.sleep(0.2)
            meanwhile = sum(len(journal.saved) for journal in journals)
        filler.unlink()
        emptied = time.monotonic()
        saved = wait_until(
            lambda: sum(len(journal.saved) for journal in journals) > meanwhile + 8, PATIENCE
        )
        again_after = time.monotonic() - emptied
        time.sleep(CALM)
    mails.stop()
    left = wait_until(mails.have_all_left, PATIENCE)
    say(
        f"disk full for {seconds:.0f} s: {meanwhile - before} changes saved all the same, files"
        f" answered {sorted(uploads)}; saved again {again_after:.1f} s after, {mails.queued} mails"
        f" left {time.monotonic() - emptied:.0f} s after; {total(journals)}"
    )
    problems = account(journals) + mails.problems()
    problems += [f"a file was answered {status}" for status in uploads - {303, 503, 507}]
    return problems if saved and left else [*problems, "Not all was as before"]


def fill(file: object) -> None:
    """Write until nothing more fits."""
    part = bytes(1024 * 1024)
    while part:
        try:
            os.write(file.fileno(), part)
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise
            part = part[: len(part) // 2]


def upload(installation: Place) -> int:
    """Send a comment with a file of 5 MB; return what is answered."""
    person = Person(installation, 0, Journal(), 0)
    person._token = person._find_token()
    if not person._token:
        return 503
    boundary = "annals"
    fields = {"id": str(uuid7()), "body": "With a file", "csrfmiddlewaretoken": person._token}
    body = "".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    )
    body += (
        f'--{boundary}\r\nContent-Disposition: form-data; name="attachments"; filename="a.txt"'
        f"\r\n\r\n{'a' * 5_000_000}\r\n--{boundary}--\r\n"
    )
    path = f"/contacts/{installation.contacts[0]}/comments/"
    return person._ask("POST", path, body, f"multipart/form-data; boundary={boundary}")[0]


if __name__ == "__main__":
    sys.exit(main())
