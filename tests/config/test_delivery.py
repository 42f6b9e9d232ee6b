"""What is handed over: style, templates, and the containers' description."""

import re
from pathlib import Path

import pytest
from django.template import engines
from django.template.utils import get_app_template_dirs
from ruamel.yaml import YAML

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


def test_containers_run_what_the_procfile_names() -> None:
    procfile = dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text().splitlines())
    services = YAML(typ="safe").load((ROOT / "docker-compose.yml").read_text())["services"]
    for name in ("worker", "beat"):
        command = services[name]["command"].replace("$$", "$")
        assert command == f"sh -c '{procfile[name]}'"
    assert procfile["web"] in (ROOT / "Dockerfile").read_text()


def test_no_container_description_holds_a_secret() -> None:
    """Each secret comes from the environment, and its absence is an error."""
    described = (ROOT / "docker-compose.yml").read_text() + (ROOT / "Dockerfile").read_text()
    for name in ("SECRET_KEY", "POSTGRES_PASSWORD", "APP_PASSWORD"):
        for value in re.findall(rf"\b{name}(?:: |=)(\S+)", described):
            assert value.startswith(f"${{{name}:?") or value == "build"


def test_only_migrations_run_as_the_owner_of_the_database() -> None:
    services = YAML(typ="safe").load((ROOT / "docker-compose.yml").read_text())["services"]
    owner = services["postgres"]["environment"]["POSTGRES_USER"]
    role = {
        name: re.match(r"postgres://(\w+):", service["environment"]["DATABASE_URL"])[1]
        for name, service in services.items()
        if "DATABASE_URL" in service.get("environment", {})
    }
    assert role.pop("migrate") == owner
    assert role == dict.fromkeys(("web", "worker", "beat"), "annals_app")
    migrates, makes = services["migrate"]["command"].split("&&")
    assert "migrate" in migrates
    assert "create_app_role --apply --password-file" in makes
