"""What is handed over can be read: each template."""

from pathlib import Path

import pytest
from django.template import engines
from django.template.utils import get_app_template_dirs

ROOT = Path(__file__).resolve().parent.parent.parent


def templates() -> list[str]:
    """Return the names of all our own templates."""
    folders = [ROOT / "templates", *get_app_template_dirs("templates")]
    return sorted(
        str(file.relative_to(folder))
        for folder in folders
        if folder.is_relative_to(ROOT) and ".venv" not in folder.parts
        for file in folder.rglob("*.*")
    )


@pytest.mark.parametrize("name", templates())
def test_each_template_can_be_read(name: str) -> None:
    engines["django"].get_template(name)
