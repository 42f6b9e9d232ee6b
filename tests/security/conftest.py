"""What tests of security share."""

import logging
from collections.abc import Iterator
from typing import Any

import pytest


@pytest.fixture
def no_log() -> Iterator[None]:
    """Spare thousands of refusals the line, and the traceback, that each would leave."""
    logging.disable()
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture(autouse=True)
def no_limits(settings: Any) -> None:
    """Let each test ask as often as it likes: what is asked behind a limit is what is tried."""
    for name in ("MESSAGES", "SHARES", "IMPORTS", "EXPORTS"):
        setattr(settings, f"{name}_PER_HOUR", 0)
    settings.SEARCHES_PER_MINUTE = 0
    settings.ACCOUNT_RATE_LIMITS = settings.MFA_RATE_LIMITS = False
