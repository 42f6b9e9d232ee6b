"""Every address answers every role as declared, and docs/permissions.md says the same."""

from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest
from django.conf import settings

from tests.security.asking import Cell, observe
from tests.security.declared import METHODS, entries, undeclared
from tests.security.matrix import page
from tests.security.places import is_owned
from tests.security.world import ROLES, World, keeping_mail

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_log")]
PAGE = Path(settings.BASE_DIR) / "docs" / "permissions.md"


def test_of_every_address_it_is_declared_who_may_open_it() -> None:
    assert not undeclared()


def test_every_address_answers_every_role_as_declared() -> None:
    with keeping_mail():
        wrong = [cell.offence for cell in observe(World(), wholly=False) if cell.offence]
    assert not wrong, "\n".join(wrong)


def declared() -> Iterator[Cell]:
    for entry in entries():
        variants = (True, False) if is_owned(entry.address) else (True,)
        for own, method, role in product(variants, METHODS, ROLES):
            yield Cell(entry, role, method, own, entry.expected(role, method, own=own), ())


def test_the_page_of_the_documentation_says_what_is_declared() -> None:
    assert PAGE.read_text() == page(declared()), (
        "Run `.venv/bin/python -m tests.security.matrix > docs/permissions.md`."
    )
