"""Reading a file while what was read before is written."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any, TypeVar

T = TypeVar("T")
_END: Any = object()


def ahead(items: Iterator[T]) -> Iterator[T]:
    """Yield the items, each made in a thread while the one before is in use.

    They are made in the context of the caller, and so in its language. They may not ask the
    database: the thread would have a connection of its own. What making one raises is raised in
    its place. Close it before what the items are read from.
    """
    context = copy_context()
    with ThreadPoolExecutor(1, "ahead") as thread:
        coming = thread.submit(context.run, next, items, _END)
        while (item := coming.result()) is not _END:
            coming = thread.submit(context.run, next, items, _END)
            yield item
