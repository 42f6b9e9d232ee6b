"""How much is measured: in the quick form, in the whole, and to see that it works."""

import os
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# Its own place for servers and files, so that nothing is disturbed that somebody works with.
_FOLDER = Path(os.environ.get("ANNALS_VAR") or ROOT / "var").resolve() / "bench"
FOLDER = Path(os.environ.get("BENCH_FOLDER") or _FOLDER)  # the processes are told
RESULTS = ROOT / "bench" / "results"


@dataclass(frozen=True)
class Sizes:
    """How many of each; a round is one turn of every contender."""

    people: int  # contacts that are there before anything is measured
    rounds: int  # of what is short
    long_rounds: int  # of what takes seconds
    saves: int  # in a round
    bulk: int  # contacts created at once
    events: int  # among which one contact's record is looked for
    hot: int  # of them about one contact
    requests: int  # of a page in a round
    posts: int
    sealed: int  # events in a round
    moved: int  # contacts of a file to import


FORMS = {
    # So little that no figure means anything.
    "trial": Sizes(
        people=100, rounds=1, long_rounds=1, saves=5, bulk=50, events=1_000, hot=100,
        requests=2, posts=2, sealed=150, moved=50,
    ),
    "quick": Sizes(
        people=500, rounds=9, long_rounds=3, saves=50, bulk=1_000, events=50_000, hot=2_000,
        requests=5, posts=5, sealed=1_000, moved=1_000,
    ),
    "full": Sizes(
        people=1_000, rounds=25, long_rounds=7, saves=200, bulk=10_000, events=1_000_000,
        hot=10_000, requests=30, posts=20, sealed=10_000, moved=20_000,
    ),
}  # fmt: skip
