"""What README and the other documents name is there: links, files, modules, commands, targets."""

import re
from importlib.util import find_spec
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import get_commands

ROOT = settings.BASE_DIR
DOCUMENTS = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), ROOT / "bench" / "README.md"]
TARGETS = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.M))
FOLDERS = ("accounts", "activity", "config", "contacts", "deploy", "static", "templates", "tests")
# Of bench/ not what its own environment holds.
PATTERNS = ("*.*", "bench/*.*", "bench/[a-z]*/*.*", *(f"{folder}/**/*.*" for folder in FOLDERS))
FILES = [f"/{path.relative_to(ROOT)}" for each in PATTERNS for path in ROOT.glob(each)]
# Named to say that there is none, or as an example.
NO_FILES = {"_name.html", "helpers.py", "scanner.py", "services.py", "utils.py"}

each_document = pytest.mark.parametrize(
    "document", sorted(DOCUMENTS), ids=lambda path: str(path.relative_to(ROOT))
)


def anchors(document: Path) -> set[str]:
    """Return what a link can end with to lead to a heading of the document."""
    headings = re.findall(r"^#+ (.+)$", document.read_text(), re.M)
    return {re.sub(r"[^\w\- ]", "", each.lower()).replace(" ", "-") for each in headings}


@each_document
def test_every_link_leads_somewhere(document: Path) -> None:
    for link in re.findall(r"\]\(([^)\s]+)\)", document.read_text()):
        if re.match(r"https?:", link):
            continue
        path, _hash, anchor = link.partition("#")
        target = document.parent / path if path else document
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


def quoted(document: Path) -> list[str]:
    """Return what stands between backticks, and in blocks of commands line by line."""
    text = document.read_text()
    blocks = re.findall(r"^```\w*\n(.*?)^```$", text, re.M | re.S)
    lines = [line for block in blocks for line in block.splitlines()]
    return re.findall(r"`([^`\n]+)`", text) + lines


@each_document
def test_every_file_that_is_named_is_there(document: Path) -> None:
    if document.name == "CHANGELOG.md":
        return  # it tells of what was
    for name in quoted(document):
        if re.fullmatch(r"[\w./-]+\.(py|html|js|css|sh|toml|yml)", name) and name not in NO_FILES:
            assert any(path.endswith(f"/{name}") for path in FILES), name
        elif re.fullmatch(rf"(?:{'|'.join(FOLDERS)})/[\w./-]*", name):
            assert (ROOT / name).exists(), name


@each_document
def test_every_command_that_is_named_can_be_given(document: Path) -> None:
    for line in quoted(document):
        for command in re.findall(r"\bmanage\.py ([a-z]\w*)", line):
            assert command in get_commands(), line
        for module in re.findall(r"python -m ((?:bench|config|tests)\b[.\w]*\w)", line):
            assert find_spec(module), line
        for target in re.findall(r"(?:^|[;&|`] ?)make ([a-z]+)\b", line):
            assert target in TARGETS, line
