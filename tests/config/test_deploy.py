"""How Annals is put on a server: containers, units of systemd, and Caddy in front of both."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from config.secrets import NAMES

ROOT = Path(__file__).resolve().parent.parent.parent
SYSTEMD = ROOT / "deploy" / "systemd"
PROCFILE = dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text().splitlines())
COMPOSE = YAML(typ="safe").load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]
UNITS = {
    path.name: re.findall(r"^(\w+)=(.*)$", path.read_text(), re.M)
    for path in sorted(SYSTEMD.glob("*.service"))
}
# Who may read what the owner of the database can, and what signs the log.
OWNERS = {"migrate", "backup", "restore", "manage"}


def test_containers_run_what_the_procfile_names() -> None:
    for name in ("worker", "beat"):
        command = SERVICES[name]["command"].replace("$$", "$")
        assert command == f"sh -c '{PROCFILE[name]}'"
    assert PROCFILE["web"] in (ROOT / "Dockerfile").read_text()


def test_units_run_what_the_procfile_names() -> None:
    """But for how the number of processes is said, as systemd fills it in."""
    for name, unit in {
        "web": "annals-web@",
        "worker": "annals-worker",
        "beat": "annals-beat",
    }.items():
        command = dict(UNITS[f"{unit}.service"])["ExecStart"]
        expected = re.sub(r"\$\{(\w+):-\d\}", r"${\1}", PROCFILE[name]).replace('"', "")
        assert command == f"/bin/sh -c '{expected}'"


def test_no_description_holds_a_secret_and_every_one_comes_from_a_file() -> None:
    for service in SERVICES.values():
        for name, value in service.get("environment", {}).items():
            secret = name in NAMES - {"REDIS_URL"} or "PASSWORD" in name
            assert not secret or name.endswith("_FILE"), name
            assert not name.endswith("_FILE") or value.startswith("/run/secrets/")
    for assignments in UNITS.values():
        for name, value in assignments:
            if name == "Environment":
                assert not re.search(rf"\b({'|'.join(NAMES)})=", value)


def test_only_who_needs_it_gets_the_owner_of_the_database_or_the_key_of_the_log() -> None:
    for name, service in SERVICES.items():
        held = {*service.get("secrets", ())}
        assert ("owner_database_url" in held) == (name in OWNERS)
        assert ("ledger_key" in held) == (name in OWNERS | {"worker"})
        for secret in held:
            assert secret in COMPOSE["secrets"]
    migrates, makes = SERVICES["migrate"]["command"].split("&&")
    assert "migrate" in migrates
    assert "create_app_role --apply --password-file" in makes
    loads = {name: str(found).count("owner_database_url") for name, found in UNITS.items()}
    assert [name for name, count in loads.items() if count] == ["annals-backup.service"]


def test_the_script_makes_each_secret_that_containers_ask_for() -> None:
    script = (ROOT / "deploy" / "secrets.sh").read_text()
    made = set(re.findall(r"\| make (\w+)", script))
    assert made == {*COMPOSE["secrets"]}
    for name, secret in COMPOSE["secrets"].items():
        assert secret["file"] == f"./secrets/{name}"


def test_secrets_that_are_there_stay_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "deploy").mkdir()
    script = shutil.copy(ROOT / "deploy" / "secrets.sh", tmp_path / "deploy")
    text = Path(script).read_text().replace("chown 10001:10001 secrets/* && ", "")
    Path(script).write_text(text)  # whoever runs the tests may give no files away
    subprocess.run(["sh", script], check=True, capture_output=True)
    files = {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()}
    (tmp_path / "secrets" / "email_url").chmod(0o600)
    (tmp_path / "secrets" / "email_url").write_text("smtp+tls://mail.example.com")
    subprocess.run(["sh", script], check=True, capture_output=True)
    again = {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()}
    assert again == files | {"email_url": "smtp+tls://mail.example.com"}
    assert files["app_password"] in files["database_url"]
    assert all(path.stat().st_mode & 0o077 == 0 for path in (tmp_path / "secrets").iterdir())


def test_the_world_reaches_caddy_alone() -> None:
    published = {name for name, service in SERVICES.items() if "ports" in service}
    assert published == {"caddy", "mailpit"}
    assert all(port.startswith("127.0.0.1:") for port in SERVICES["mailpit"]["ports"])
    assert COMPOSE["networks"]["back"]["internal"] is True
    for name in ("postgres", "redis"):
        assert SERVICES[name]["networks"] == ["back"]
    assert SERVICES["caddy"]["networks"] == ["front"]


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_a_container_can_change_nothing_but_its_volumes_and_keeps_a_bounded_log(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["logging"]["options"]["max-size"] == "10m"
    if name not in OWNERS:
        assert service["healthcheck"]["test"]
        assert service["deploy"]["resources"]["limits"].keys() == {"cpus", "memory"}


@pytest.mark.parametrize("name", sorted(UNITS))
def test_a_unit_can_change_nothing_but_its_own_folders(name: str) -> None:
    assert {
        ("NoNewPrivileges", "yes"),
        ("ProtectSystem", "strict"),
        ("CapabilityBoundingSet", ""),
        ("PrivateTmp", "yes"),
        ("UMask", "0077"),
    } <= {*UNITS[name]}


def test_systemd_understands_its_units_where_it_is_there_to_be_asked() -> None:
    if program := shutil.which("systemd-analyze"):
        files = sorted(
            str(path) for path in SYSTEMD.glob("annals*.[st]*") if path.suffix != ".conf"
        )
        asked = [program, "verify", "--man=no", *files]
        done = subprocess.run(asked, capture_output=True, text=True, check=False)
        assert not [line for line in done.stderr.splitlines() if "annals" in line]


@pytest.mark.parametrize(
    ("address", "logged"),
    [
        ("/contacts/0199f3c2/", "/contacts/0199f3c2/"),
        ("/contacts/?q=amara&tag=Press", "/contacts/-"),
        ("/i/4f9c.token:x/accept", "/i/-/accept"),
        ("/s/4f9c?x=1", "/s/--"),
        ("/u/4f9c", "/u/-"),
        ("/accounts/password/reset/key/3-abc-def/", "/accounts/password/reset/key/-/"),
    ],
)
def test_the_access_log_has_no_tokens_and_nothing_that_was_searched_for(
    address: str, logged: str
) -> None:
    rule = re.search(r'request>uri regexp "(.+)" "\$\{1\}-"', _caddy("annals.caddy"))
    assert re.sub(rule[1], lambda found: f"{found[1] or ''}-", address) == logged


def test_both_proxies_wait_for_a_process_that_is_started_again_and_pass_streams_on() -> None:
    shared = _caddy("annals.caddy")
    assert "lb_try_duration 30s" in shared and "flush_interval -1" in shared
    for name in ("Caddyfile", "systemd/Caddyfile"):
        assert _caddy(name).count("import annals_balance") == 1
        assert _caddy(name).count("import annals_log") == 1


def _caddy(name: str) -> str:
    return (ROOT / "deploy" / name).read_text()
