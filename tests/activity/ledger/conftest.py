"""A log that is long enough to be verified in parts.

Nothing of Django is imported before it is set up.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def amara(db: None) -> Any:
    """Return a contact with 400 events, sealed in four batches."""
    from activity.ledger.sealing import seal_pending
    from activity.models import ActivityEvent
    from tests.activity.happenings import happen
    from tests.builders import make_contact

    amara = make_contact()
    for size in range(100, 401, 100):
        happen(amara, times=size - ActivityEvent.objects.count())
        seal_pending()
    return amara


@pytest.fixture
def kept(amara: Any, tmp_path: Path) -> Callable[[int], Path]:
    """Return a function that writes the checkpoint of a size into a file, as a mail brings it."""
    from activity.models import Checkpoint

    def write(size: int) -> Path:
        path = tmp_path / f"checkpoint-{size}.txt"
        path.write_text(Checkpoint.objects.get(size=size).note)
        return path

    return write
