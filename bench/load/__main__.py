"""`python -m bench.load`: two hundred people for ten minutes, or a quick form of it."""

import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.sizes import FOLDER, RESULTS, ROOT

os.environ["ANNALS_VAR"] = str(FOLDER)  # before anything of Annals is imported

import psutil

from bench import machine
from bench.load.watching import Watch, server_in
from config import embedded
from config.run import free_port

LOCUST = ROOT / "bench" / ".venv" / "bin" / "locust"
SECONDS = 300  # to start, with demo data to be made
SAMPLES = 60  # in one run
COLUMNS = {
    "requests": "Request Count",
    "errors": "Failure Count",
    "per second": "Requests/s",
    "p50": "50%",
    "p95": "95%",
    "p99": "99%",
    "most": "Max Response Time",
}


@dataclass(frozen=True)
class Form:
    """How many people, for how many seconds, and how many of them come in a second."""

    people: int
    seconds: int
    rate: int


FORMS = {"trial": Form(20, 30, 10), "quick": Form(50, 60, 10), "full": Form(200, 600, 10)}


def main() -> None:
    """Read the options, run Annals and the people, and write what came out."""
    parser = argparse.ArgumentParser(prog="python -m bench.load", description=__doc__)
    parser.add_argument("--form", choices=FORMS, default="quick")
    parser.add_argument("--locust", default=str(LOCUST), help="locust's program")
    options = parser.parse_args()
    form = FORMS[options.form]
    began = machine.moment()
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        with annals(port) as manager:
            known = sign_in(form.people, Path(folder) / "people.json")
            watch = Watch(
                manager,
                server_in(embedded.VAR / "redis", "redis"),
                server_in(embedded.VAR / "postgres", "postgres"),
                {name.lower(): embedded.database()[name] for name in ("HOST", "USER")},
            )
            with watch.going_on(form.seconds / SAMPLES):
                rows, generator = play(form, port, options.locust, Path(folder), known)
            result = {
                "form": options.form,
                "people": form.people,
                "seconds": form.seconds,
                "machine": machine.describe(),
                "began": began,
                "ended": machine.moment(),
                "pages": rows,
                "needs": watch.summary() | {"generator_processor_seconds": round(generator, 1)},
            }
    sys.stdout.write(text(result))
    if options.form != "trial":
        write(result)
    sys.exit(1 if rows["Aggregated"]["errors"] else 0)


class annals:
    """Runs Annals at a port while the block runs; gives its first process."""

    def __init__(self, port: int) -> None:
        self._port = port

    def __enter__(self) -> psutil.Process:
        """Start it, and wait until it answers."""
        environment = os.environ | {"PORT": str(self._port)}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "config.run"], cwd=ROOT, env=environment
        )
        end = time.monotonic() + SECONDS
        while time.monotonic() < end and self._process.poll() is None:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self._port}/healthz")
            except OSError:
                time.sleep(0.2)
            else:
                return psutil.Process(self._process.pid)
        self.__exit__()
        raise RuntimeError("Annals did not start; see its lines above.")

    def __exit__(self, *failure: object) -> None:
        """Stop it."""
        self._process.terminate()
        self._process.wait()


def sign_in(people: int, path: Path) -> Path:
    """Write the sessions of so many people to a file, and return it."""
    command = [sys.executable, "-m", "bench.load.sessions", str(people)]
    made = subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    path.write_bytes(made.stdout)
    return path


def play(
    form: Form, port: int, locust: str, folder: Path, known: Path
) -> tuple[dict[str, dict[str, float]], float]:
    """Let the people work, and return what locust counted by step, and its processor time."""
    command = [
        *(locust, "--locustfile", str(ROOT / "bench" / "load" / "people.py"), "--headless"),
        *("--users", str(form.people), "--spawn-rate", str(form.rate)),
        *("--run-time", f"{form.seconds + form.people // form.rate}s", "--stop-timeout", "10"),
        *("--host", f"http://127.0.0.1:{port}", "--csv", str(folder / "load")),
        *("--reset-stats", "--skip-log"),
    ]
    process = subprocess.Popen(
        command, env=os.environ | {"LOAD_PEOPLE": str(known)}, stdout=subprocess.DEVNULL
    )
    _, _, used = os.wait4(process.pid, 0)
    with (folder / "load_failures.csv").open() as file:
        for row in csv.DictReader(file):
            sys.stdout.write(f"{row['Occurrences']} x {row['Name']}: {row['Error']}\n")
    with (folder / "load_stats.csv").open() as file:
        rows = {
            row["Name"]: {key: round(float(row[column] or 0), 1) for key, column in COLUMNS.items()}
            for row in csv.DictReader(file)
        }
    return rows, used.ru_utime + used.ru_stime


def text(result: dict[str, Any]) -> str:
    """Return the result as Markdown."""
    about, needs = result["machine"], result["needs"]
    lines = [
        f"# {result['people']} people for {result['seconds']} seconds",
        "",
        f"{about['processor']}, {about['cores']} cores, {about['memory_gib']} GiB, "
        f"Python {about['python']}. Began {result['began']['at']} at a load of "
        f"{result['began']['load'][0]}, ended at {result['ended']['load'][0]}. The generator ran "
        f"on the same machine, and took {needs['generator_processor_seconds']} s of its time.",
        "",
        "Times in ms.",
        "",
        "| step | " + " | ".join(COLUMNS) + " |",
        "| --- |" + " ---: |" * len(COLUMNS),
        *(
            f"| {name} | " + " | ".join(f"{row[column]:g}" for column in COLUMNS) + " |"
            for name, row in result["pages"].items()
        ),
        "",
        "| process | PSS before, MB | PSS after, MB | processor, s |",
        "| --- | ---: | ---: | ---: |",
        *(
            f"| {name.rpartition(' ')[0]} | {size['begin']:g} | {size['end']:g} |"
            f" {needs['processor_seconds'][name]:g} |"
            for name, size in needs["processes_mb"].items()
        ),
        f"| postgres | | | {needs['processor_seconds'].get('postgres', 0):g} |",
        "",
        f"Together {needs['memory_mb']['begin']:g} MB before, {needs['memory_mb']['end']:g} after, "
        f"{needs['memory_mb']['most']:g} at most; in the second half it grew by "
        f"{needs['memory_mb']['growth_of_second_half']:g} MB. "
        f"Connections to PostgreSQL: {needs['connections_most']} at most.",
        "",
    ]
    return "\n".join(lines)


def write(result: dict[str, Any]) -> None:
    """Write bench/results/<date>-load-<form>.json and .md; earlier ones are replaced."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{result['began']['at'][:10]}-load-{result['form']}.md"
    path.write_text(text(result))
    path.with_suffix(".json").write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
