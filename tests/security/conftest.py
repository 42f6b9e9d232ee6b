"""What tests of security share."""

import logging
from collections.abc import Iterator

import pytest


@pytest.fixture
def no_log() -> Iterator[None]:
    """Spare thousands of refusals the line, and the traceback, that each would leave."""
    logging.disable()
    yield
    logging.disable(logging.NOTSET)
