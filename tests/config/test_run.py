"""`make run` as a whole: web, worker, beat and the servers under them."""

import contextlib
import http.client
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from config.run import free_port
from tests.visitor import Visitor

SECONDS = 60
# The disk is full when the database is brought up to date.
FILL = """
from django.db import OperationalError
from psycopg.errors import DiskFull
from config import prepare
def fill(*args, **options):
    raise OperationalError from DiskFull()
prepare.call_command = fill
prepare.main()
"""


def name_of(process: psutil.Process) -> str:
    """Return the process's name, none where it has ended."""
    try:
        return process.name()
    except psutil.Error:
        return ""


def child_of(manager: psutil.Process, name: str) -> psutil.Process:
    """Return its oldest process of the name, once there is one."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        found = [each for each in manager.children(recursive=True) if name_of(each) == name]
        if found:
            return min(found, key=psutil.Process.create_time)
        time.sleep(0.05)
    raise AssertionError(f"{name} never ran")


class Running:
    """A run of Annals that answers."""

    def __init__(self, process: subprocess.Popen, var: Path, port: int) -> None:
        self.process, self.var, self.port = process, var, port
        self.greeting = self.read_until("Mail that Annals sends")
        self.manager = psutil.Process(process.pid)

    def read_until(self, words: str) -> str:
        """Return what it prints, up to the line with `words`."""
        lines = []
        for line in self.process.stdout:
            lines.append(line)
            if words in line:
                return "".join(lines)
        raise AssertionError(f"{words!r} never came:\n{''.join(lines)}")

    def get(self, path: str) -> int:
        """Return the status of the answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=SECONDS)
        connection.request("GET", path)
        status = connection.getresponse().status
        connection.close()
        return status

    def everything(self) -> list[psutil.Process]:
        """Return all processes that run for it, PostgreSQL's own too."""
        pid = int((self.var / "postgres" / "postmaster.pid").read_text().split()[0])
        server = psutil.Process(pid)
        return [*self.manager.children(recursive=True), server, *server.children()]

    def find(self, name: str) -> psutil.Process:
        """Return its oldest process of the name, once there is one."""
        return child_of(self.manager, name)

    def end(self, number: int) -> list[psutil.Process]:
        """Send the signal, and return the processes that are left once it has ended."""
        processes = self.everything()
        self.process.send_signal(number)
        self.rest, _ = self.process.communicate(timeout=SECONDS)
        return psutil.wait_procs(processes, timeout=SECONDS)[1]


@pytest.fixture(scope="module")
def start_annals(start, var):
    """Return a function that starts Annals in `var`."""

    def start_annals() -> Running:
        port = free_port()
        more = {"PORT": str(port), "WEB_CONCURRENCY": "1"}
        # Measured while they are killed, processes end with complaints of what measures them.
        more["COVERAGE_PROCESS_CONFIG"] = ""
        return Running(start(var, "-m", "config.run", **more), var, port)

    return start_annals


@pytest.fixture(scope="module")
def annals(start_annals):
    """Return a run of Annals for the tests that leave it running."""
    running = start_annals()
    yield running
    if running.process.poll() is None:
        running.end(signal.SIGTERM)


def sentence(done: subprocess.CompletedProcess) -> str:
    """Return the one sentence with which a run was refused."""
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1, done.stderr
    return done.stderr


def test_it_says_where_it_is_who_may_sign_in_and_where_mail_goes(annals) -> None:
    assert f"Annals runs at http://127.0.0.1:{annals.port}" in annals.greeting
    for line in ("ada@annals.example   Administrator", "vic@annals.example   Viewer"):
        assert line in annals.greeting
    assert "amara.okonkwo@calderwren.example  her portal only" in annals.greeting
    assert "the password annals-demo" in annals.greeting
    assert f"http://127.0.0.1:{annals.port}/mail/" in annals.greeting


def test_pages_and_their_style_are_served(annals) -> None:
    assert annals.get("/accounts/login/") == 200
    assert annals.get("/healthz") == 200


def test_a_second_start_says_that_it_runs_already(annals, run) -> None:
    done = run(annals.var, "-m", "config.run", PORT=str(free_port()))
    assert f"Annals is already running at http://127.0.0.1:{annals.port};" in sentence(done)


def test_a_port_that_is_taken_is_named_with_one_that_is_free(annals, run, tmp_path) -> None:
    done = run(tmp_path, "-m", "config.run", PORT=str(annals.port))
    assert f"Port {annals.port} is taken by another program" in sentence(done)
    assert "choose another port, as in make run PORT=" in done.stderr


@pytest.mark.parametrize("port", ["http", "0", "70000", "-1"])
def test_a_port_that_is_none_is_refused(run, tmp_path, port) -> None:
    assert f'PORT is "{port}": it must be' in sentence(run(tmp_path, "-m", "config.run", PORT=port))


def test_a_database_that_does_not_answer_is_a_sentence(run, tmp_path) -> None:
    nowhere = f"postgres://annals@127.0.0.1:{free_port()}/annals"
    more = {"PORT": str(free_port()), "DATABASE_URL": nowhere, "REDIS_URL": "redis://127.0.0.1:1"}
    done = run(tmp_path, "-m", "config.run", **more)
    assert "is DATABASE_URL right?" in sentence(done)
    assert "Connection refused" in done.stderr


def test_a_full_disk_is_called_one_when_the_demo_meets_it(run, tmp_path) -> None:
    assert "is full: free some space" in sentence(run(tmp_path, "-c", FILL))


def test_commands_work_while_it_runs(annals, run) -> None:
    done = run(annals.var, "manage.py", "showmigrations", "contacts")
    assert done.returncode == 0, done.stderr
    assert annals.get("/accounts/login/") == 200


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere processes have other names")
@pytest.mark.parametrize("name", ["annals-web", "annals-worker", "annals-beat"])
def test_a_killed_process_is_started_again(annals, name) -> None:
    """However short it has lived: what is killed lacks nothing."""
    killed = annals.find(name)
    left_behind = killed.children()
    killed.kill()
    annals.read_until("ended unexpectedly and is started again")
    assert psutil.wait_procs(left_behind, timeout=SECONDS)[1] == []
    assert annals.find(name).pid != killed.pid


def test_web_worker_and_beat_share_the_memory_of_what_they_load(annals) -> None:
    everything = [annals.manager, *annals.manager.children(recursive=True)]
    own = {process.pid: process.memory_full_info().uss for process in everything}
    of_each = sum(process.memory_info().rss for process in everything)
    assert sum(own.values()) < of_each / 3


def test_sigterm_stops_everything_it_started_also_streams(annals) -> None:
    visitor = Visitor(annals.port)
    visitor.sign_in("ada@annals.example", "annals-demo")
    [contact, *_] = re.findall(r"/contacts/([0-9a-f-]{36})/", visitor.get("/contacts/"))
    stream = visitor.open(f"/live/?contact={contact}")
    assert stream.readline() == b"event: news\n"
    assert annals.end(signal.SIGTERM) == []
    assert annals.process.returncode == 0
    assert "Traceback" not in annals.rest


def test_ctrl_c_stops_everything_it_started(start_annals) -> None:
    running = start_annals()
    assert running.end(signal.SIGINT) == []
    assert running.process.returncode == 0
    assert "Traceback" not in running.rest


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere processes have other names")
def test_ctrl_c_before_it_runs_ends_it_without_a_complaint(start, tmp_path) -> None:
    early = start(tmp_path, "-m", "config.run", PORT=str(free_port()))
    preparing = child_of(psutil.Process(early.pid), "annals-prepare")
    while not preparing.net_connections("unix"):  # to the database, which it fills from then on
        time.sleep(0.05)
    early.send_signal(signal.SIGINT)
    output, _ = early.communicate(timeout=SECONDS)
    assert (output, early.returncode) == ("", 130)
    assert not preparing.is_running()


def test_it_stops_with_a_sentence_when_a_process_cannot_stay_up(start, var) -> None:
    broken = start(var, "-m", "config.run", PORT=str(free_port()), WEB_CONCURRENCY="none")
    output, _ = broken.communicate(timeout=SECONDS)
    assert "Annals stops, as web ended right after its start; see its lines above." in output
    assert broken.returncode == 1


def test_it_starts_again_after_everything_or_its_manager_was_killed(start_annals) -> None:
    running = start_annals()
    processes = running.everything()
    running.process.kill()
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(processes, timeout=SECONDS)

    running = start_annals()
    assert "ada@annals.example" in running.greeting
    without_manager = [
        process
        for process in running.manager.children(recursive=True)
        if "redis" not in process.name()
    ]
    running.process.kill()
    assert psutil.wait_procs(without_manager, timeout=SECONDS)[1] == []

    running = start_annals()
    assert running.end(signal.SIGHUP) == []
    assert running.process.returncode == 0
