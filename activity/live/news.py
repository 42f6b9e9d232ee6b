"""Tells the web processes, after the commit, which contacts have news.

All of it is a nudge. Pages then ask for what is newer than they show: a message that is lost, as
Redis is away, costs a page some minutes at most, and nothing else.
"""

import functools
import logging
import time
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import orjson
from django.conf import settings
from django.db import transaction
from django.dispatch import receiver
from redis import Redis
from redis.exceptions import RedisError

from contacts.models.changes import delivery_moved

CHANNEL = "annals:news"
RETRY_AFTER = 5.0  # seconds for which a Redis that failed is left alone
SECONDS = 1  # that anybody waits for it

logger = logging.getLogger(__name__)
_away_until = 0.0  # on the monotonic clock


def tell(drafts: Sequence[Any], ids: Iterable[int]) -> None:
    """Have it told, once the transaction is committed, that events of these ids were written.

    What is told is {contact id: its newest event}, and whose rights may have changed.
    """
    contacts: dict[UUID, int] = {}
    users: list[UUID] = []
    for draft, event in zip(drafts, ids, strict=True):
        if draft.contact_id:
            contacts[draft.contact_id] = event
        if draft.object_type == "user":
            users.append(draft.object_id)
    if contacts or users:
        transaction.on_commit(lambda: publish(contacts, users), robust=True)


@receiver(delivery_moved)
def tell_delivery(contact_id: UUID, **kwargs: Any) -> None:
    """Have it told that rows of a contact show another state, of which there is no event."""
    transaction.on_commit(lambda: publish({contact_id: 0}), robust=True)


def publish(contacts: dict[UUID, int], users: Sequence[UUID] = ()) -> None:
    """Tell it now; nothing happens while Redis is away."""
    global _away_until  # noqa: PLW0603 - of this process, as the connection is
    if time.monotonic() < _away_until:
        return
    message = orjson.dumps([contacts, users], option=orjson.OPT_NON_STR_KEYS)
    try:
        _redis().publish(CHANNEL, message)
    except RedisError as error:
        _away_until = time.monotonic() + RETRY_AFTER
        logger.warning("Redis is away; open pages learn later what is new: %s", error)


@functools.cache
def _redis() -> Redis:
    return Redis.from_url(
        settings.REDIS_URL, socket_timeout=SECONDS, socket_connect_timeout=SECONDS
    )
