"""What nobody types: values that may break whoever reads them, and which names are read."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock
from urllib.parse import quote

from django.http import QueryDict
from django.utils.datastructures import MultiValueDict

GARBAGE = (
    "",
    "-1",
    "0",
    "9" * 400,
    "9" * 5_000,  # more digits than int() reads
    str(2**63),
    str(2**63 - 1),
    str(-(2**63)),
    "1e999",
    "NaN",
    "١٢٣",  # digits, of which int() makes 123
    "²",  # a digit, of which int() makes nothing
    "\x00",
    "a\x00b",
    "\ud800",  # half of a pair
    "' OR 1=1 --",
    "'; DROP TABLE contacts_contact; --",
    "%00%0d%0aSet-Cookie: a=b",
    "a\r\nSet-Cookie: a=b",
    "../../../../etc/passwd",
    "{{ 7 * 7 }}{% debug %}",
    "%s %(x)s {0} {x}",
    "\u202e\u200d\ufeff",
    "0001-01-01",
    "9999-12-31T23:59:59.999999+23:59",
    "2026-02-31",
    "00000000-0000-0000-0000-000000000000",
    "{00000000-0000-0000-0000-000000000000}",
    '["after", null, null]',
    "x" * 10_000,
    "[" * 5_000,
)
ALWAYS = {"csrfmiddlewaretoken"}


@contextmanager
def reading() -> Iterator[set[str]]:
    """Yield a set that is filled with the names that are looked for in addresses and forms."""
    names: set[str] = set()

    def noting(method: str) -> Any:
        original = getattr(MultiValueDict, method)

        def read(self: Any, name: str, *args: Any) -> Any:
            names.add(name)
            return original(self, name, *args)

        return mock.patch.object(QueryDict, method, read)

    with noting("__getitem__"), noting("getlist"), noting("__contains__"):
        yield names


def mixed(names: set[str], number: int) -> str:
    """Return a query in which each name has some garbage, some twice; another one each number."""
    pairs = []
    for place, name in enumerate(sorted(names - ALWAYS)):
        for turn in range(2 if (place + number) % 4 == 0 else 1):
            value = GARBAGE[(number * 11 + place * 7 + turn) % len(GARBAGE)]
            pairs.append(f"{quote(name)}={quote(value.encode('utf-8', 'surrogatepass'))}")
    return "&".join(pairs)
