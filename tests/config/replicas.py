"""A real streaming replica of the tests' database, whose replay can be held."""

import os
import shutil
import tempfile
import time
from pathlib import Path

import psycopg
from django.conf import settings
from django.db import connection

from config.embedded import postgres

SECONDS = 30  # a busy machine is slow


class Replica:
    """A replica that follows the tests' database from its making on, in a folder of its own."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(dir=os.environ["ANNALS_TESTS"]))
        self._user = postgres._system_user()
        if self._user:
            os.chown(self.folder, self._user.pw_uid, self._user.pw_gid)
        host = settings.DATABASES["default"]["HOST"]
        copied = ("-D", self._data, "--checkpoint=fast", "--no-sync", "--write-recovery-conf")
        self._run("pg_basebackup", "--host", host, "--username", "postgres", *copied)
        self.start()

    @property
    def _data(self) -> str:
        return str(self.folder / "data")

    def _run(self, program: str, *arguments: str) -> None:
        done = postgres._run(postgres.programs_folder(), self._user, program, *arguments)
        assert done.returncode == 0, done.stderr or done.stdout

    def start(self) -> None:
        """Start it, and wait until it answers."""
        options = f"-h '' -k {self.folder} -c fsync=off -c shared_buffers=16MB"
        log = ("-l", str(self.folder / "log"))
        self._run("pg_ctl", "start", "-w", "-D", self._data, *log, "-o", options)

    def stop(self) -> None:
        """Stop it, and end its connections."""
        self._run("pg_ctl", "stop", "-w", "-m", "fast", "-D", self._data)

    def remove(self) -> None:
        """Stop it, and remove all of it."""
        self._run("pg_ctl", "stop", "-m", "immediate", "-D", self._data)
        shutil.rmtree(self.folder)

    def pause(self) -> None:
        """Let it receive what is written, and show none of it; return once it is so."""
        self._ask("SELECT pg_wal_replay_pause()")
        self._wait("SELECT pg_get_wal_replay_pause_state() = 'paused'")

    def resume(self) -> None:
        """Let it show everything again, and return once it does."""
        self._ask("SELECT pg_wal_replay_resume()")
        with connection.cursor() as cursor:
            # The rest of a page would never be replayed: something has to stand on the next one.
            cursor.execute("SELECT pg_logical_emit_message(false, 'tests', '')")
            cursor.execute("SELECT pg_current_wal_insert_lsn()")
            (position,) = cursor.fetchone()
        self._wait(f"SELECT pg_last_wal_replay_lsn() >= '{position}'")

    def _ask(self, sql: str) -> object:
        name = connection.settings_dict["NAME"]
        with psycopg.connect(host=str(self.folder), user="postgres", dbname=name) as own:
            return own.execute(sql).fetchone()[0]

    def _wait(self, sql: str) -> None:
        end = time.monotonic() + SECONDS
        while not self._ask(sql):
            assert time.monotonic() < end, sql
            time.sleep(0.01)
