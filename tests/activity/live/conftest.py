"""A server of pages and streams, and a contact to read about."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest


@pytest.fixture(scope="module")
def serving() -> Iterator[Any]:
    """Serve pages and streams for all tests of a file."""
    from tests.live import Served

    served = Served()
    served.start()
    yield served
    served.stop()


@pytest.fixture
def stream(serving: Any) -> Iterator[Callable[..., Any]]:
    """Return a function that asks for the stream of a contact, or of an id."""
    from tests.activity.live.streams import Stream

    streams: list[Stream] = []

    def stream(contact: Any, user: Any = None) -> Stream:
        streams.append(Stream(serving, f"/live/?contact={getattr(contact, 'pk', contact)}", user))
        return streams[-1]

    yield stream
    for each in streams:
        each.connection.close()


@pytest.fixture
def amara(transactional_db: None) -> Any:
    """Make a contact."""
    from tests.builders import make_contact

    return make_contact()


@pytest.fixture
def mia(transactional_db: None) -> Any:
    """Make a member of the team."""
    from tests.builders import make_user

    return make_user(name="Mia")
