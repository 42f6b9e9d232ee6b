"""docs/configuration.md: every variable, with what it means, as the source has it."""

import ast
import re
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from config import reference, secrets

ROOT = Path(__file__).resolve().parent.parent.parent
VARIABLES = {each.name: each for subject in reference.subjects() for each in subject.variables}
# What is said to Docker's compose file alone, and to what is not Annals.
OF_COMPOSE = re.compile(
    r"SITE_ADDRESS|FRONT_SUBNET|(ANCHOR|BACKUP)_FOLDER|HTTPS?_PORT"
    r"|(WEB|WORKER|POSTGRES|REDIS)_(REPLICAS|CPUS|MEMORY|CONNECTIONS|SHARED_BUFFERS)"
)
NOT_OURS = re.compile(r"POSTGRES_\w+|MP_DATABASE|ANYMAIL_\w+|SITE_ADDRESS")


def test_the_page_is_what_the_source_says() -> None:
    """Where this fails, run: python -m config.reference > docs/configuration.md"""
    assert (ROOT / "docs" / "configuration.md").read_text() == reference.page()


def test_every_variable_has_a_meaning_and_a_kind() -> None:
    for each in VARIABLES.values():
        assert len(each.meaning) > 10, each
        assert each.kind in {*reference.KINDS.values()}


@pytest.mark.parametrize(
    ("name", "kind", "default"),
    [
        ("DATABASE_POOL_SIZE", "number", "`8`"),
        ("DEBUG", "true or false", "`false`"),
        ("IMPORT_MAX_BYTES", "number", "`268435456`"),
        ("SUPPORT_EMAIL", "text", "none"),
        ("WEB_CONCURRENCY", "number", "`2`"),
        ("TRUSTED_PROXIES", "list, with commas", "none"),
    ],
)
def test_defaults_are_those_of_the_code(name: str, kind: str, default: str) -> None:
    assert (VARIABLES[name].kind, VARIABLES[name].default) == (kind, default)


def test_nothing_of_the_environment_is_read_elsewhere() -> None:
    """Settings are read by `env` in a function `..._settings`; processes are told some things."""
    for path in (ROOT / "config").glob("*.py"):
        tree = ast.parse(path.read_text())
        functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
        inside = {id(part) for each in functions if each.name.endswith("_settings")
                  for part in ast.walk(each)}  # fmt: skip
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and id(node) not in inside:
                assert not re.match(r"env(\.\w+)?\(", ast.unparse(node)), f"{path}: {node.lineno}"


def test_secrets_that_may_be_files_are_marked() -> None:
    assert reference.secrets() == secrets.NAMES
    for name in secrets.NAMES & VARIABLES.keys():
        assert VARIABLES[name].row.endswith("*Secret.* |")


def test_compose_units_and_procfile_name_no_unknown_variable() -> None:
    compose = (ROOT / "docker-compose.yml").read_text()
    given = set(re.findall(r"\$\{(\w+)", compose.replace("$$", "")))
    assert {name for name in given if not OF_COMPOSE.fullmatch(name)} <= VARIABLES.keys()
    for service in YAML(typ="safe").load(compose)["services"].values():
        for name in service.get("environment", {}):
            assert NOT_OURS.fullmatch(name) or name.removesuffix("_FILE") in VARIABLES, name
    for path in [ROOT / "Procfile", ROOT / "Dockerfile", *(ROOT / "deploy").rglob("*.service")]:
        for line in path.read_text().splitlines():
            if line.startswith("Environment="):
                names = re.findall(r"(\b[A-Z_]+)=", line.removeprefix("Environment="))
            else:
                names = re.findall(r"\$\{?(\w+)", line)
            known = {*VARIABLES, "PATH", "EXTRAS"}
            assert {name.removesuffix("_FILE") for name in names} <= known, (path, line)


@pytest.mark.parametrize("page", ["README.md", *sorted(
    f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md")
)])  # fmt: skip
def test_no_page_names_a_variable_that_there_is_not(page: str) -> None:
    """In lines of the form NAME=value, and first in the rows of a table."""
    text = (ROOT / page).read_text()
    named = re.findall(r"^(?:export )?([A-Z][A-Z0-9_]{3,})=", text, re.M)
    named += re.findall(r"^\| `([A-Z][A-Z0-9]*_[A-Z0-9_]+)`", text, re.M)
    for name in named:
        assert (
            NOT_OURS.fullmatch(name)
            or OF_COMPOSE.fullmatch(name)
            or name.removesuffix("_FILE") in VARIABLES
        ), name


def test_what_nobody_explains_is_refused() -> None:
    [function] = ast.parse('def x_settings(env):\n    return env("NEW_ONE", default=1 + 1)').body
    [call] = reference._calls(function)
    assert (call.name, call.kind, call.default) == ("NEW_ONE", "text", "`2`")
    with pytest.raises(reference.Undocumented, match="never read"):
        reference._variable("OTHER", {}, "It was removed.")
