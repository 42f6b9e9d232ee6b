"""A day's load in ten minutes, with processes and servers killed at random moments.

    nice .venv/bin/python -m tests.faults.day --minutes 10 --people 8

People read nine times as often as they write. Meanwhile web, one of its page servers, the worker,
beat, Redis (with all that waits in it) or a process of PostgreSQL (which ends all connections with
it) is killed every few seconds. Then it waits until all work is done, compares what each person was
told with the rows, plain triggers with the events, and the mail server with the outbox, verifies
the sealed log, and prints a table. It exits with 1 where anything differs.
"""

import argparse
import random
import signal
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from functools import partial

from tests.faults.kills import at_work, finish, scene
from tests.faults.kills_annals import KINDS, Annals

READS = 0.9


def main() -> int:
    """Run the trial; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--people", type=int, default=8)
    parser.add_argument("--pause", type=float, default=20, help="between kills, at most, seconds")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends as Ctrl-C does
    with scene(people=arguments.people) as (annals, people, server):
        chance = random.Random(arguments.seed)  # noqa: S311 - no secret
        back = defaultdict(list)
        with at_work(people, reads=READS):
            end = time.monotonic() + 60 * arguments.minutes
            while time.monotonic() < end:
                time.sleep(chance.uniform(0, arguments.pause))
                kind, kill = chance.choice(list(ways(annals, chance).items()))
                back[kind].append(kill())
        return finish(annals, people, server, back)


def ways(annals: Annals, chance: random.Random) -> dict[str, Callable[[], float]]:
    """Return what can be killed: {name: how, which returns the seconds until it is back}."""
    processes = {kind: partial(annals.kill, kind, chance) for kind in KINDS}
    return {**processes, "Redis": annals.kill_redis, "PostgreSQL": annals.kill_backend}


if __name__ == "__main__":
    sys.exit(main())
