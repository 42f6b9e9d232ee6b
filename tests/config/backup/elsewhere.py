"""Another PostgreSQL than the one that comes along: over the network, with a password."""

import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from config.embedded import postgres

PASSWORD = "pass/word@with:everything"
QUOTED = "pass%2Fword%40with%3Aeverything"


@contextmanager
def another_postgresql() -> Iterator[str]:
    """Run one, and yield the DATABASE_URL of an empty database in it, as its owner."""
    folder = Path(tempfile.mkdtemp(dir=os.environ["ANNALS_TESTS"]))
    user = postgres._system_user()
    (folder / "password").write_text(PASSWORD)
    if user:
        for path in (folder, folder / "password"):
            os.chown(path, user.pw_uid, user.pw_gid)
    data = f"{folder}/data"

    def run(program: str, *arguments: str) -> None:
        done = postgres._run(postgres.programs_folder(), user, program, *arguments)
        assert done.returncode == 0, done.stderr or done.stdout

    secret = ("--auth=scram-sha-256", f"--pwfile={folder}/password", "--username=owner")
    names = ("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
    run("initdb", *secret, *names, "--encoding=UTF8", "--no-sync", "-D", data)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    options = f"-h 127.0.0.1 -p {port} -k {folder} -c fsync=off -c shared_buffers=16MB"
    run("pg_ctl", "start", "-w", "-D", data, "-l", f"{folder}/log", "-o", options)
    try:
        yield f"postgres://owner:{QUOTED}@127.0.0.1:{port}/postgres"
    finally:
        run("pg_ctl", "stop", "-w", "-m", "immediate", "-D", data)
        shutil.rmtree(folder)
