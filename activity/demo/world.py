"""Makes the demo: who gets how much to do, and the lives of all, on all the cores there are."""

import os
from array import array
from collections import Counter, deque
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from heapq import merge
from itertools import accumulate, chain, islice, pairwise
from multiprocessing import get_context
from pathlib import Path

import django
from django.conf import settings
from django.utils import translation

from activity.demo.cast import Cast
from activity.demo.crowd import Arrival, Crowd
from activity.demo.everyday import Everyday
from activity.demo.filling import Filling
from activity.demo.identity import chance
from activity.demo.life import Life
from activity.demo.spool import Spool
from contacts.models import Tag

SKEW = 2.8  # 1 spreads events evenly over the contacts; the higher, the more the first ones get
BLOCK = 20_000  # events of the lives that are made at once
MARKS = 50  # moments by which the length of a stretch is measured

Block = list[tuple[Arrival, int]]


@dataclass(frozen=True)
class Making:
    """What it takes to make lives, in any process."""

    crowd: Crowd
    folder: Path
    starts: list[datetime]
    first: int  # number of the crowd's first life

    def live(self, block: Block) -> tuple[Counter[int], set[str]]:
        """Make the lives of some contacts; return how many events they take where, and tags."""
        spool, tags = Spool(self.folder, self.starts), set[str]()
        # Looking for a language that nobody has chosen takes longer than using one.
        with translation.override(settings.LANGUAGE_CODE):
            for arrival, events in block:
                life = Life(self.first + arrival.number, spool)
                life.live(self.crowd.life(arrival, events))
                tags |= life.tags
        spool.flush()
        return spool.events, tags


class World:
    """Everybody in the demo; `events` is how many of everyday life there are for all of them."""

    def __init__(self, cast: Cast, crowd: Crowd, events: int) -> None:
        self._cast, self._crowd, self._events = cast, crowd, events
        self._shares = self._share_out()
        self._tags: set[str] = set()

    def make(self, folder: Path, stretch: int, *, at_once: bool) -> int:
        """Make it all, and return how many events that were.

        About `stretch` events are one transaction. With `at_once` all cores are used, and other
        connections than this one; nothing may be going on in the database.
        """
        making = Making(self._crowd, folder, self._starts(stretch), len(self._cast.stories))
        workers = (os.cpu_count() or 1) if at_once else 1
        spool = Spool(folder, making.starts)
        if workers == 1:
            self._play(spool)
            for block in self._blocks():
                self._add(spool, *making.live(block))
        else:
            with ProcessPoolExecutor(workers, get_context("spawn"), django.setup) as pool:
                blocks = self._blocks()
                tasks = deque(pool.submit(making.live, each) for each in islice(blocks, workers))
                self._play(spool)
                while tasks:
                    tasks += (pool.submit(making.live, each) for each in islice(blocks, 1))
                    self._add(spool, *tasks.popleft().result())
        Tag.remember(self._tags)
        events = [spool.events[number] for number in range(len(making.starts) + 1)]
        Filling(folder, events, spool.kept).write(workers)
        return sum(events)

    def _add(self, spool: Spool, events: Counter[int], tags: set[str]) -> None:
        spool.events += events
        self._tags |= tags

    def _play(self, spool: Spool) -> None:
        """Make the lives of the cast."""
        shares = dict(
            zip((story.contact_id for story in self._cast.busy), self._shares, strict=False)
        )
        for number, story in enumerate(self._cast.stories):
            rng, pk = chance(self._crowd.seed, f"cast {number}"), story.contact_id
            everyday = Everyday(self._crowd.team, rng, pk, self._crowd.hours.start, may_go=False)
            moments = self._crowd.hours.moments(rng, story.came, shares.get(pk, 0))
            life = Life(number, spool)
            life.live(merge(story.steps, everyday.steps(moments), key=lambda step: step.at))
            self._tags |= life.tags
            spool.flush()
        last = len(self._cast.stories) + len(self._shares)
        for number, step in enumerate(chain(self._cast.runs, self._crowd.runs()), start=last):
            Life(number, spool).live([step])
        spool.flush()

    def _blocks(self) -> Iterator[Block]:
        arrivals = zip(self._crowd.arrivals(), self._shares[len(self._cast.busy) :], strict=True)
        block, events = [], 0
        for arrival, share in arrivals:
            block.append((arrival, share))
            events += 1 + share
            if events >= BLOCK:
                yield block
                block, events = [], 0
        yield block

    def _share_out(self) -> array:
        """Return how many everyday events each contact gets: whoever came first, the most."""
        busy, rng = self._cast.busy, chance(self._crowd.seed, "shares")
        came = chain(
            ((story.came, 1.0) for story in busy),
            ((arrival.at, rng.expovariate(1)) for arrival in self._crowd.arrivals()),
        )
        weights = array("d")
        for rank, (at, luck) in enumerate(came):
            place = (rank + 1) ** (1 / SKEW) - rank ** (1 / SKEW)
            weights.append(place * luck * (1 - self._crowd.hours.part(at)))
        due = self._events / (sum(weights) or 1)
        ends = (round(each) for each in accumulate((w * due for w in weights), initial=0))
        return array("I", (after - before for before, after in pairwise(ends)))

    def _starts(self, stretch: int) -> list[datetime]:
        """Return when stretches begin that are about as long, in events."""
        each = max(1, stretch // MARKS)
        came = (arrival.at for arrival in islice(self._crowd.arrivals(), 0, None, each))
        parts = (at * each / self._events for at in range(self._events // each))
        every = max(1, stretch // each)
        return sorted(chain(came, map(self._crowd.hours.moment, parts)))[every::every]
