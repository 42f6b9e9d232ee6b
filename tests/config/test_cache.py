"""The cache in Redis, and what holds while Redis is away."""

import pytest

from config.cache import RedisOrMemoryCache
from config.embedded import redis_url


@pytest.fixture(autouse=True)
def _redis_was_there() -> None:
    RedisOrMemoryCache.away_until = 0.0


@pytest.mark.parametrize(
    "location", [redis_url(), "unix:///nowhere/redis.sock"], ids=["with Redis", "without"]
)
def test_the_cache_keeps_what_it_is_given_with_and_without_redis(location: str) -> None:
    cache = RedisOrMemoryCache(location, {})
    cache.clear()
    assert cache.add("key", 1)
    assert not cache.add("key", 2)
    assert cache.incr("key") == 2
    assert cache.get("key") == 2
    cache.set_many({"a": "x", "b": ["y"]})
    assert cache.get_many(["a", "b", "c"]) == {"a": "x", "b": ["y"]}
    assert cache.has_key("a")
    assert cache.touch("a", 60)
    cache.delete_many(["b"])
    assert cache.get("b") is None
    assert cache.delete("a")


def test_a_redis_that_fails_is_left_alone_for_a_while_and_then_asked_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    gone = RedisOrMemoryCache("unix:///nowhere/redis.sock", {})
    here = RedisOrMemoryCache(redis_url(), {})
    here.clear()
    here.memory.clear()
    gone.set("key", "in memory")
    gone.set("key", "in memory")
    assert len(caplog.records) == 1
    assert here.get("key") == "in memory"
    monkeypatch.setattr(RedisOrMemoryCache, "away_until", 0.0)
    assert here.get("key") is None
