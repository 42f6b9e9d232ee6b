"""A worker that looks at what was written a moment ago.

Nothing of Django is imported before it is set up.
"""

from datetime import timedelta

import pytest


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    from contacts import duplicates

    monkeypatch.setattr(duplicates, "SETTLED", timedelta(minutes=-1))
