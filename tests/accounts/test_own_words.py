"""Passwords that are the site's own words, which anybody would try first."""

from typing import Any

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError


@pytest.fixture(autouse=True)
def site(settings: Any) -> None:
    """Be the site of Calder & Wren."""
    settings.SITE_NAME = "Calder & Wren"
    settings.SITE_URL = "https://people.calder.example"


@pytest.mark.parametrize(
    "password",
    ["Calder-2026!", "annals1234567", "wren_CALDER_99", "AdministratorAdmin", "people.calder.abc"],
)
def test_the_sites_own_words_are_no_password(password: str) -> None:
    with pytest.raises(ValidationError, match="made of words of this site"):
        validate_password(password)


@pytest.mark.parametrize(
    "password", ["a riverbed in June", "Calder lies by the river", "annalise-otter-41"]
)
def test_a_password_may_hold_such_a_word(password: str) -> None:
    validate_password(password)
