"""A folder for servers and runs of their own, beside those that all tests share."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture(scope="module")
def var() -> Iterator[Path]:
    """Return a fresh ANNALS_VAR; its path is short, as those of sockets must be."""
    folder = Path(tempfile.mkdtemp(dir=os.environ["ANNALS_TESTS"]))
    yield folder
    shutil.rmtree(folder)


def environment(var: Path, **more: str) -> dict[str, str]:
    """Return the environment of a process whose servers live in `var`."""
    ours = {
        name: value
        for name, value in os.environ.items()
        if name not in ("DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE")
    }
    return ours | {"ANNALS_VAR": str(var)} | more


@pytest.fixture(scope="session")
def start() -> Iterator[Callable[..., subprocess.Popen]]:
    """Return a function that starts Python with arguments, its servers in `var`.

    What still runs when the tests end is killed.
    """
    started: list[subprocess.Popen] = []

    def start(var: Path, *arguments: str, **more: str) -> subprocess.Popen:
        process = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=environment(var, **more),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture(scope="session")
def run() -> Callable[..., subprocess.CompletedProcess]:
    """Return a function that runs Python with arguments to its end, its servers in `var`."""

    def run(var: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=environment(var, **more),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return run
