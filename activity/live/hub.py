"""Hears in each web process what is told, over one connection, and passes it on to its streams."""

import asyncio
import contextlib
import logging
from collections import defaultdict
from collections.abc import Iterator
from uuid import UUID

import orjson
from django.conf import settings
from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.exceptions import RedisError

from activity.live.news import CHANNEL

RETRY_AFTER = 1.0  # seconds
SILENCE = 10  # seconds after which Redis is asked whether it is there, and has to say so
PATIENCE = 5  # seconds that a connection may take
SOMETHING = 0  # news without an event, or of an unknown one

logger = logging.getLogger(__name__)


class Listener:
    """What one stream waits for: news of its contacts, or doubts about its reader's rights."""

    def __init__(self) -> None:
        self.keys: set[UUID] = set()
        self.news: int | None = None  # the newest event that was told of, or SOMETHING
        self.is_doubtful = False  # whether the reader may have lost a right
        self.woken = asyncio.Event()

    def tell(self, event: int) -> None:
        """Wake the stream for an event."""
        known = self.news
        if known is None:
            self.news = event
        else:
            self.news = max(known, event) if known and event else SOMETHING
        self.woken.set()

    def doubt(self) -> None:
        """Wake the stream to look at the reader's rights anew."""
        self.is_doubtful = True
        self.woken.set()

    def heard(self) -> int | None:
        """Return what was told since the last time, None where nothing was."""
        self.woken.clear()
        news, self.news = self.news, None
        return news


class Hub:
    """The streams of one process, and the one subscription that they share."""

    def __init__(self) -> None:
        self._listeners: defaultdict[UUID, set[Listener]] = defaultdict(set)

    @contextlib.contextmanager
    def listening(self, listener: Listener, *keys: UUID) -> Iterator[None]:
        """Let a listener hear of contacts and users with these ids, until the block ends."""
        self.add(listener, *keys)
        try:
            yield
        finally:
            for key in listener.keys:
                self._listeners[key].discard(listener)
                if not self._listeners[key]:
                    del self._listeners[key]

    def add(self, listener: Listener, *keys: UUID) -> None:
        """Let a listener hear of these, too."""
        listener.keys.update(keys)
        for key in keys:
            self._listeners[key].add(listener)

    async def run(self) -> None:
        """Pass on what is told, for as long as the process lives, also when Redis was away."""
        while True:
            try:
                redis = Redis.from_url(settings.REDIS_URL, socket_connect_timeout=PATIENCE)
                async with redis, redis.pubsub() as subscription:
                    await self._hear(subscription)
            except (RedisError, OSError) as error:
                logger.debug("Redis is away: %s", error)
            await asyncio.sleep(RETRY_AFTER)

    async def _hear(self, subscription: PubSub) -> None:
        await subscription.subscribe(CHANNEL)
        self._all()  # whatever was told before, nobody here has heard
        asked = False
        while True:
            message = await subscription.get_message(timeout=SILENCE)
            if message is None and asked:
                raise ConnectionError("Redis does not answer.")
            if asked := message is None:
                await subscription.ping()
            elif message["type"] == "message":
                self._pass_on(message["data"])

    def _all(self) -> None:
        for listener in {each for group in self._listeners.values() for each in group}:
            listener.tell(SOMETHING)

    def _pass_on(self, message: bytes) -> None:
        contacts, users = orjson.loads(message)
        for contact, event in contacts.items():
            for listener in self._listeners.get(UUID(contact), ()):
                listener.tell(event)
        for user in users:
            for listener in self._listeners.get(UUID(user), ()):
                listener.doubt()
