"""Restarts and kills PostgreSQL under load, and counts what was lost.

    .venv/bin/python -m tests.faults.postgres --rounds 20

Eight people write comments, archive, restore and read through a web process, beside worker and
beat, while the server is restarted in each of the ways of `FAULTS`, `--rounds` times. What has
ended for good is started again as `make run` does. It prints, for each way, how long PostgreSQL was
away, how long after that the first page was answered, and what people were answered; and exits with
1 where something was answered that was no success and no 503, where anything that was said to be
saved is missing or has no event, or the log does not verify.
"""

import argparse
import os
import random
import signal
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import psycopg

from tests.faults.installation import Installation, say, wait_until
from tests.faults.people import account, at_work, total

CALM = (0.5, 2.0)  # seconds between two faults, at least and at most


def main() -> int:
    """Run all rounds; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=10)
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    installation = Installation()
    try:
        installation.set_up()
        from config import embedded

        threading.Thread(target=embedded.watch, daemon=True).start()
        for name in ("web", "worker", "beat"):
            installation.start(name)
        problems = trial(installation, arguments.rounds)
    finally:
        installation.close()
    for problem in problems:
        say(f"  WRONG: {problem}")
    return 1 if problems else 0


def trial(installation: Installation, rounds: int) -> list[str]:
    """Restart the server in each way so often, under load; return what should not be."""
    chance = random.Random()  # noqa: S311
    took: dict[str, list[tuple[float, float]]] = defaultdict(list)
    with at_work(installation) as journals:
        for _ in range(rounds):
            for name, fault in FAULTS.items():
                time.sleep(chance.uniform(*CALM))
                began = time.monotonic()
                fault()
                wait_until(answers, 120)
                back = time.monotonic()
                page = f"/contacts/{installation.contacts[0]}/"
                wait_until(lambda page=page: installation.status(page, seconds=20) == 200, 120)
                took[name].append((back - began, time.monotonic() - back))
    for name, times in took.items():
        away, after = (sorted(each) for each in zip(*times, strict=True))
        half = len(times) // 2
        say(
            f"{name}, {len(times)} times: away {away[half]:.1f} s ({away[-1]:.1f} at most),"
            f" first page {after[half]:.2f} s after ({after[-1]:.2f} at most)"
        )
    problems = account(journals)
    say(f"{sum(len(each.saved) for each in journals)} changes saved; {total(journals)}")
    return problems


def answers() -> bool:
    """Tell whether the server takes a new connection."""
    try:
        ask("SELECT 1")
    except psycopg.Error:
        return False
    return True


def ask(query: str) -> Any:
    """Return the first column of what the server answers, over a connection of its own."""
    from config.embedded import database

    known = database()
    with psycopg.connect(
        host=known["HOST"], user=known["USER"], dbname=known["NAME"], autocommit=True
    ) as other:
        return [row[0] for row in other.execute(query)]


def restart(mode: str) -> None:
    """Restart as an operator does, in a mode of pg_ctl."""
    from config.embedded import postgres

    programs, user = postgres.programs_folder(), postgres._system_user()
    where = ("-w", "-D", str(postgres.DATA), "-l", str(postgres.LOG))
    done = postgres._run(programs, user, "pg_ctl", "restart", "-m", mode, *where)
    if done.returncode:  # whoever watches it was faster, and started it before
        wait_until(answers, 60)


def kill_backend() -> None:
    """Kill a process that serves somebody: the server then ends all others and recovers."""
    pids = ask(
        "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend'"
        " AND pid <> pg_backend_pid() ORDER BY random() LIMIT 1"
    )
    kill(*pids)


def kill_postmaster() -> None:
    """Kill the server itself."""
    from config.embedded import postgres

    kill(int(postgres.PID.read_text().partition("\n")[0]))


def kill(*pids: int) -> None:
    """Kill processes at once."""
    for pid in pids:
        os.kill(pid, signal.SIGKILL)


def end_connections() -> None:
    """End all connections, as a failover or a proxy does."""
    ask(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
    )


FAULTS: dict[str, Callable[[], None]] = {
    "restart -m fast": lambda: restart("fast"),
    "restart -m immediate": lambda: restart("immediate"),
    "kill -9 of a backend": kill_backend,
    "kill -9 of the postmaster": kill_postmaster,
    "all connections ended": end_connections,
}

if __name__ == "__main__":
    sys.exit(main())
