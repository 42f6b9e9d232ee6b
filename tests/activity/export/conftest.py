"""Somebody who may export, a contact in the log, and the storage of exports.

Nothing of Django is imported before it is set up.
"""

from typing import Any

import pytest


@pytest.fixture
def max_(client: Any) -> Any:
    """Sign Max in, a manager."""
    from tests.builders import make_user

    max_ = make_user(name="Max")
    client.force_login(max_)
    return max_


@pytest.fixture
def amara() -> Any:
    """Return a contact."""
    from tests.builders import make_contact

    return make_contact()


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a function that has something done just before a part is written."""
    from django.core.files.storage import storages

    from tests.activity.export.runs import Watched

    return lambda then: monkeypatch.setitem(storages._storages, "exports", Watched(then))


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a few events be as many parts as thousands are."""
    from activity.export import records
    from tests.activity.export.runs import PART

    monkeypatch.setattr(records, "BATCH", PART)
