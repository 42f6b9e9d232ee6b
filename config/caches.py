"""The settings of Redis: nudges of tasks, news of open pages, and what is cached."""

from typing import Any

from environ import Env

from config import embedded


def cache_settings(env: Env) -> dict[str, Any]:
    """Return the settings of Redis and of caches, from the environment.

    REDIS_URL: Redis, as redis://host:6379/0; without it, the one that comes along. Nothing in it is
    missed where it is lost.
    """
    url = env("REDIS_URL", default="") or embedded.redis_url()
    return {
        "REDIS_URL": url,
        "CACHES": {
            "default": {
                "BACKEND": "config.cache.RedisOrMemoryCache",
                "LOCATION": url,
                "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 2},  # seconds
            },
            # Rows of timelines, about 1 kB each, in each web process (activity/rows.py).
            "rows": {
                "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
                "LOCATION": "rows",
                "TIMEOUT": None,
                "OPTIONS": {"MAX_ENTRIES": 10_000},
            },
        },
        "CELERY_BROKER_URL": url.replace("unix://", "redis+socket://", 1),
    }
