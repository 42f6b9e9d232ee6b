"""How much is measured, in the quick form and in the whole."""

import os
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# Its own place for servers and files, so that nothing is disturbed that somebody works with.
FOLDER = Path(os.environ.get("ANNALS_VAR") or ROOT / "var" / "bench")
RESULTS = ROOT / "bench" / "results"


@dataclass(frozen=True)
class Sizes:
    """How many of each; a round is one turn of every contender."""

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


QUICK = Sizes(
    rounds=9, long_rounds=3, saves=100, bulk=2_000, events=50_000, hot=2_000,
    requests=10, posts=10, sealed=2_000, moved=2_000,
)  # fmt: skip
FULL = Sizes(
    rounds=25, long_rounds=7, saves=200, bulk=10_000, events=1_000_000, hot=10_000,
    requests=30, posts=20, sealed=10_000, moved=20_000,
)  # fmt: skip
