"""On what was measured: the machine, its load, and the versions of everything."""

import json
import os
import platform
import subprocess
from datetime import UTC, datetime
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

from bench.conductor import PEERS_PYTHON
from bench.contenders import ENTRIES
from bench.sizes import ROOT

_LIST = """
import json
from importlib.metadata import distributions
print(json.dumps({d.name.lower(): d.version for d in distributions()}))
"""
# What could make a difference between the two environments.
_BOTH = ("django", "psycopg", "psycopg-binary", "psycopg-pool", "django-simple-history")


def describe() -> dict[str, Any]:
    """Return the machine: processor, cores, memory and systems."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_gib": round(memory / 2**30, 1),
        "system": f"{platform.system()} {platform.release().partition('-')[0]}",
        "python": platform.python_version(),
    }


def moment() -> dict[str, Any]:
    """Return the time, and the load of the machine over 1, 5 and 15 minutes."""
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "load": [round(each, 2) for each in os.getloadavg()],
    }


def versions() -> dict[str, str]:
    """Return the version of each contender, and of what all of them use.

    Raises RuntimeError where Annals and the others use different versions of Django or its driver.
    """
    listed = subprocess.run([PEERS_PYTHON, "-c", _LIST], capture_output=True, check=True, text=True)
    theirs = json.loads(listed.stdout)
    ours = {each.name.lower(): each.version for each in distributions()}
    different = [name for name in _BOTH if ours.get(name) != theirs.get(name)]
    if different:
        raise RuntimeError(
            f"bench/uv.lock and uv.lock hold different versions of {', '.join(different)}: bring "
            "them together (uv lock --project bench --upgrade-package NAME), then run this again."
        )
    wanted = sorted({"django", "psycopg"} | {entry.distribution for entry in ENTRIES.values()})
    return {"annals": _commit(), **{name: theirs[name] for name in wanted}}


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _commit() -> str:
    found = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, check=False
    )
    return found.stdout.decode().strip() or "of no known commit"
