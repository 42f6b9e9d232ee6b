"""The Chromium that the browser tests drive; `python -m tests.chromium` installs it if need be."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator

from playwright.sync_api import sync_playwright

ON_THE_PATH = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MISSING = (
    "The browser tests need Chromium, and it could neither be found nor installed: install it "
    "(Debian: apt install chromium; Fedora: dnf install chromium; macOS: brew install chromium) "
    "so that `chromium` is on the PATH."
)


class NoChromium(Exception):
    """There is no Chromium, and none could be installed; the text says what to do."""


def find() -> str | None:
    """Return the path of a Chromium that runs, None where there is none."""
    return next((path for path in _places() if _runs(path)), None)


def find_or_install() -> str:
    """Return the path of a Chromium that runs. Raises NoChromium where none can be had."""
    for install in (_nothing, _from_debian, _from_playwright):
        install()
        if path := find():
            return path
    raise NoChromium(MISSING)


def _places() -> Iterator[str]:
    yield from filter(None, map(shutil.which, ON_THE_PATH))
    with sync_playwright() as playwright:
        yield playwright.chromium.executable_path


def _runs(path: str) -> bool:
    try:
        tried = subprocess.run(
            [path, "--version", "--no-sandbox"], capture_output=True, check=False
        )
    except OSError:
        return False
    return tried.returncode == 0


def _nothing() -> None:
    """Install nothing: there may be one already."""


def _from_debian() -> None:
    """Install Debian's package where we may."""
    if os.geteuid() == 0 and shutil.which("apt-get"):
        _say("Installing Chromium with apt-get ...")
        _quietly("apt-get", "update", "-qq")
        _quietly("apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium")


def _from_playwright() -> None:
    """Download Playwright's own, as root with the libraries it needs."""
    _say("Downloading Chromium with Playwright ...")
    dependencies = ["--with-deps"] if os.geteuid() == 0 else []
    _quietly(sys.executable, "-m", "playwright", "install", *dependencies, "chromium")


def _quietly(*command: str) -> int:
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    return subprocess.run(
        command, env=environment, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL, check=False
    ).returncode


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


if __name__ == "__main__":
    try:
        find_or_install()
    except NoChromium as problem:
        sys.exit(str(problem))
