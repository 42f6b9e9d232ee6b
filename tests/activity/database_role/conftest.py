"""A role for each test that asks for one. Nothing of Django is imported before it is set up."""

from collections.abc import Iterator

import pytest


@pytest.fixture
def role(transactional_db: None) -> Iterator[str]:
    """Make the role, and take it away again: roles belong to the whole server."""
    from tests.activity.database_role.roles import ROLE, create, drop

    create("--apply")
    yield ROLE
    drop()


@pytest.fixture
def no_role(transactional_db: None) -> Iterator[None]:
    """Take away the role that the test makes."""
    from tests.activity.database_role.roles import drop

    yield
    drop()


@pytest.fixture
def as_role(role: str) -> Iterator[str]:
    """Run the test as that role."""
    from tests.activity.database_role.roles import working_as

    with working_as(role):
        yield role


@pytest.fixture
def half_migrated(transactional_db: None) -> Iterator[None]:
    """Take one of the tables away."""
    from tests.activity.database_role.roles import run

    run("ALTER TABLE activity_leaf RENAME TO activity_leaf_away")
    yield
    run("ALTER TABLE activity_leaf_away RENAME TO activity_leaf")
