"""Looks up whether a release that Annals runs on is known to be vulnerable: `make audit`.

What is locked is asked for (uv.lock: the packages of a deployment, with all extras, and those of
`make run`), by pip-audit, which asks the package index (https://pypi.org). Where that cannot be
reached, it says so and fails nothing: it is no fault of the code.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
SECONDS = 60
EXPORT = (
    *("export", "--frozen", "--no-default-groups", "--group", "embedded", "--all-extras"),
    *("--no-emit-project", "--no-hashes", "--no-header", "--no-annotate", "--quiet"),
)
AUDIT = ("--no-deps", "--disable-pip", "--progress-spinner", "off", "--format", "json")
NOT_REACHED = (
    "The dependencies were not looked up: the package index (https://pypi.org) could not be"
    " reached, or does not say which releases are vulnerable. Run “make audit” where it does."
)


def main() -> int:
    """Print what is known; return 1 where a release is vulnerable, else 0."""
    exported = subprocess.run([BIN / "uv", *EXPORT], cwd=ROOT, capture_output=True, check=True)
    locked = exported.stdout.decode().splitlines(keepends=True)
    # One of them first: an index that says nothing of it need not be asked for all the others.
    one = looked_up([line for line in locked if line.startswith("django==")])
    return told(looked_up(locked) if any("vulns" in each for each in one) else one)


def looked_up(locked: list[str]) -> list[dict[str, Any]]:
    """Return what pip-audit finds out about these releases; nothing where it cannot."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.writelines(locked)
        file.flush()
        command = [BIN / "pip-audit", *AUDIT, "--requirement", file.name]
        try:
            done = subprocess.run(command, capture_output=True, timeout=SECONDS, check=False)
            return json.loads(done.stdout)["dependencies"]
        except (subprocess.TimeoutExpired, ValueError, KeyError):
            return []


def told(dependencies: list[dict[str, Any]]) -> int:
    """Print what pip-audit found out about the dependencies; return 1 for a vulnerable one."""
    known = [each for each in dependencies if "skip_reason" not in each]
    vulnerable = [each for each in known if each.get("vulns")]
    if not known:
        say(NOT_REACHED)
        return 0
    for each in vulnerable:
        for flaw in each["vulns"]:
            fixed = ", ".join(flaw["fix_versions"]) or "no release yet"
            say(f"{each['name']} {each['version']} has {flaw['id']}, mended by {fixed}.")
    if missing := [each["name"] for each in dependencies if "skip_reason" in each]:
        say(f"Not looked up: {', '.join(sorted(missing))}.")
    say(f"{len(known)} packages were looked up, {len(vulnerable)} of them are vulnerable.")
    return 1 if vulnerable else 0


def say(text: str) -> None:
    """Print a line."""
    sys.stdout.write(f"{text}\n")


if __name__ == "__main__":
    sys.exit(main())
