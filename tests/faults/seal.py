"""Kills writers and sealers while they work, and counts what was missed and whether the log forked.

    .venv/bin/python -m tests.faults.seal --seconds 120 --writers 6 --sealers 4

Writers are processes that write events in transactions of random length; one in ten transactions
loses its connection (pg_terminate_backend) before it commits, one in ten is undone. Sealers are
processes that seal in small batches; in one round of ten they are killed (SIGKILL) at a random
moment, and another one starts. What is known outside is read all the while. Then everything is
sealed and counted. It uses a database of its own in a temporary folder, prints what it counted, and
exits with 1 where an event was missed, or a checkpoint is not continued by the tree.
"""

import argparse
import logging
import multiprocessing
import os
import random
import signal
import sys
import tempfile
import time
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

BATCH = 50  # events of a checkpoint: small, so that there are many
LONGEST = 1.0  # seconds between two steps of a transaction, at most


def main() -> int:
    """Run the trial; return the exit code."""
    arguments = read_arguments()
    with tempfile.TemporaryDirectory(prefix="annals-chaos-", dir="/tmp") as folder:
        os.environ |= {"ANNALS_VAR": folder, "DJANGO_SETTINGS_MODULE": "config.settings"}
        for name in ("DATABASE_URL", "REDIS_URL", "ANNALS_LEDGER_KEY"):
            os.environ.pop(name, None)
        # Only now: what is imported reads the environment.
        from config import embedded

        embedded.start(durable=False)
        try:
            return run(arguments, Path(folder))
        finally:
            embedded.stop()


def read_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--writers", type=int, default=6)
    parser.add_argument("--sealers", type=int, default=4)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def run(arguments: argparse.Namespace, folder: Path) -> int:
    """Let them at it, count, and print."""
    import django
    from django.core.management import call_command
    from django.db import connection

    django.setup()
    logging.getLogger("psycopg.pool").setLevel(logging.ERROR)  # connections are cut on purpose
    call_command("migrate", interactive=False, verbosity=0)
    connection.close()
    connection.close_pool()  # connections are not shared with the processes to come

    forking = multiprocessing.get_context("fork")
    stop = forking.Event()
    writers = [
        forking.Process(target=writer, args=(stop, arguments.seed + number, folder))
        for number in range(arguments.writers)
    ]
    sealers: list[BaseProcess] = []
    for process in writers:
        process.start()
    seen, killed, end = set(), 0, time.monotonic() + arguments.seconds
    while time.monotonic() < end or any(process.is_alive() for process in writers):
        if time.monotonic() >= end:
            stop.set()
        dead = [process for process in sealers if not process.is_alive()]
        killed += sum(process.exitcode == -signal.SIGKILL for process in dead)
        sealers = [process for process in sealers if process.is_alive()]
        while len(sealers) < arguments.sealers and not stop.is_set():
            seed = arguments.seed + 1_000 + killed + len(sealers)
            sealers.append(forking.Process(target=sealer, args=(stop, seed)))
            sealers[-1].start()
        seen.add(note_outside())
        time.sleep(0.01)
    for process in sealers:
        process.join()
    return report(folder, seen - {""}, killed, arguments)


def note_outside() -> str:
    """Return the newest checkpoint that is known outside."""
    from activity.ledger import anchors

    return anchors.latest()


def writer(stop: Any, seed: int, folder: Path) -> None:
    """Write until told to stop; note the ids that are committed, and how transactions ended."""
    from tests.faults.sealing import write_one

    chance = random.Random(seed)  # noqa: S311
    with (folder / f"committed.{seed}").open("w") as file:
        while not stop.is_set():
            ids = write_one(chance, LONGEST)
            file.write(f"{' '.join(map(str, ids))}\n")


def sealer(stop: Any, seed: int) -> None:
    """Seal until told to stop, or killed."""
    from activity.ledger import sealing
    from tests.faults.sealing import die, seal_one

    sealing.BATCH = BATCH
    chance = random.Random(seed)  # noqa: S311
    while not stop.is_set():
        seal_one(chance, die)
        time.sleep(chance.random() * 0.05)


def report(folder: Path, seen: set[str], killed: int, arguments: argparse.Namespace) -> int:
    """Seal what is left, count, print the counts; return the exit code."""
    from activity.ledger import sealing
    from tests.faults.sealing import count

    files = [file.read_text().splitlines() for file in folder.glob("committed.*")]
    transactions = [line.split() for lines in files for line in lines]
    left = sealing.seal_pending(wait=True)
    counted = count([int(key) for line in transactions for key in line], seen)
    for line in (
        f"{arguments.writers} writers, {arguments.sealers} sealers, {arguments.seconds:.0f} s",
        f"transactions: {len(transactions)}, of which cut or undone: "
        f"{sum(not line for line in transactions)}",
        f"sealers killed: {killed}",
        f"events: {counted.events}, the last {left} sealed at the end",
        f"checkpoints: {counted.checkpoints}, seen outside: {len(seen)}",
        f"missed: {counted.missed}, committed and lost: {counted.lost}, "
        f"leaves of no event: {counted.strangers}",
        f"forks: {counted.forks}, refusals: {counted.refusals}",
        f"overtaken, which sealing by id would have missed: {counted.overtaken}",
    ):
        sys.stdout.write(f"{line}\n")
    return 0 if counted.is_sound else 1


if __name__ == "__main__":
    sys.exit(main())
