"""Reading a file while what was read before is written."""

from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from django.utils import translation

T = TypeVar("T")
_END: Any = object()


def ahead(items: Iterator[T]) -> Generator[T, None, None]:
    """Yield the items, each made in a thread while the one before is in use.

    They are made in the language of the caller. They may not ask the database: the thread would
    have a connection of its own. What making one raises is raised in its place. Close it before
    what the items are read from.
    """
    language = translation.get_language()

    def make() -> T:
        with translation.override(language):
            return next(items, _END)

    with ThreadPoolExecutor(1, "ahead") as thread:
        coming = thread.submit(make)
        while (item := coming.result()) is not _END:
            coming = thread.submit(make)
            yield item
