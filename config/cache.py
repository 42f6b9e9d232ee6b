"""The cache: Redis, and this process's memory while Redis is away."""

import logging
import time
from collections.abc import Callable
from typing import Any

from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)


class RedisOrMemoryCache(RedisCache):
    """Never fails a request: sign-in counts its tries in here and must work without Redis too.

    After a failure Redis is left alone for RETRY_AFTER seconds, so that a server which answers
    nothing at all costs one timeout and not one per operation.
    """

    RETRY_AFTER = 5
    away_until = 0.0  # on the monotonic clock, for all threads of the process

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self.memory = LocMemCache("while-redis-is-away", params)


def _surviving(name: str) -> Callable:
    through_redis = getattr(RedisCache, name)

    def operation(self: RedisOrMemoryCache, *args: Any, **kwargs: Any) -> Any:
        if time.monotonic() >= RedisOrMemoryCache.away_until:
            try:
                return through_redis(self, *args, **kwargs)
            except RedisError:
                RedisOrMemoryCache.away_until = time.monotonic() + self.RETRY_AFTER
                logger.warning("Redis does not answer; caching in memory.", exc_info=True)
        return getattr(self.memory, name)(*args, **kwargs)

    return operation


for _name in (
    "add",
    "get",
    "set",
    "touch",
    "delete",
    "get_many",
    "has_key",
    "incr",
    "set_many",
    "delete_many",
    "clear",
):
    setattr(RedisOrMemoryCache, _name, _surviving(_name))
