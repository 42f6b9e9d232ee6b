"""A server whose pages a test makes.

Nothing of Django is imported before it is set up.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest


@pytest.fixture
def answer_with(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Any]]:
    """Return a function that serves a WSGI application in place of the pages."""
    from config import asgi
    from tests.live import Served

    served = Served()

    def answer_with(application: Callable[..., Any]) -> Served:
        monkeypatch.setattr(asgi, "wsgi", application)
        served.start()
        return served

    yield answer_with
    served.stop()
