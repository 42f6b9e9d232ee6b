"""A mail server in every bad mood: no mail twice, none lost, and somebody is told."""

from pathlib import Path

import pytest

from tests.faults.smtp import trial, trusting
from tests.faults.smtp_moods import LATER, SHORT, Mood

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("mood", SHORT, ids=lambda mood: mood.name)
def test_a_mail_comes_to_its_end_in_every_mood(mood: Mood, tmp_path: Path) -> None:
    with trusting(tmp_path):
        outcome = trial(mood, tmp_path, attempts=2 if mood.comes_to == LATER else 1)
    assert outcome.problems == []
