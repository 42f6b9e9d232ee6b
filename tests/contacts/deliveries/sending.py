"""Mails in the hands of workers, and what the database says meanwhile."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event
from typing import Any
from uuid import UUID

from django.db import connection

from contacts.mail import deliver
from contacts.models import Delivery
from tests.smtp import Behaviour, Server


@contextmanager
def sending(smtp: Server, *deliveries: Delivery, **behaviour: Any) -> Iterator[Event]:
    """Have each delivery in the hands of a worker that waits for the server's answer.

    The server answers once the event is set, at the end of the block at the latest; the block ends
    when the workers are done.
    """
    answer = Event()
    smtp.behave(*[Behaviour(wait=answer, **behaviour)] * len(deliveries))

    def work(pk: UUID) -> None:
        try:
            deliver(pk)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(deliveries)) as pool:
        try:
            working: list[Future[None]] = [pool.submit(work, each.pk) for each in deliveries]
            assert all(smtp.texts.acquire(timeout=60) for _ in deliveries)
            yield answer
        finally:
            answer.set()
        for each in working:
            each.result(timeout=60)


def query(sql: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()[0]
