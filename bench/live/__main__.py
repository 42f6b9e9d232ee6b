"""Opens the streams of 1,000 pages on one web process, writes comments, and times the news."""

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import psutil

from bench.live.readers import Reader, begun
from config import embedded
from config.run import free_port

RESULTS = Path(__file__).resolve().parent.parent / "results"
PEOPLE = 40  # whose pages they are; each may have 50
CONTACTS = 50  # that the pages show
APART = 0.1  # seconds between two comments
PATIENCE = 3  # seconds after the last comment
QUIET = 20  # seconds in which nothing happens, but beats
SERVER = "granian --interface asgi --workers 1 --backpressure 8192 --no-ws --log-level warning"


def main() -> None:
    """Measure, print the figures, and keep them in bench/results."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--pages", type=int, default=1000)
    arguments.add_argument("--comments", type=int, default=100)
    asked = arguments.parse_args()
    embedded.start()
    cookies, contacts = prepare()
    port = free_port()
    command = [sys.executable, "-m", "config.preloaded", *SERVER.split(), "--port", str(port)]
    server = subprocess.Popen([*command, "config.asgi:application"])
    try:
        wait_for(port)
        readers = [
            Reader(contacts[n % len(contacts)], cookies[n % len(cookies)])
            for n in range(asked.pages)
        ]
        figures = asyncio.run(measure(psutil.Process(server.pid), readers, port, asked.comments))
    finally:
        server.terminate()
        server.wait()
    figures |= {"at": datetime.now(UTC).isoformat(timespec="seconds"), "cores": os.cpu_count()}
    text = json.dumps(figures, indent=1)
    (RESULTS / f"{date.today().isoformat()}-live.json").write_text(f"{text}\n")
    sys.stdout.write(f"{text}\n")


def prepare() -> tuple[list[str], list[str]]:
    """Return the cookies of people who may read all contacts, and contacts' ids."""
    from config import prepare as bringing  # noqa: PLC0415 - it sets Django up

    sys.stdout = open(os.devnull, "w")  # noqa: SIM115, PTH123 - what the demo has to say
    bringing.main()
    sys.stdout = sys.__stdout__
    from django.test import Client  # noqa: PLC0415 - as above

    from tests.builders import make_contact, make_user  # noqa: PLC0415 - as above

    run, cookies = time.time_ns(), []
    for number in range(PEOPLE):
        client = Client()
        client.force_login(make_user(name=f"Reader {number}", email=f"{run}-{number}@live.example"))
        cookies.append(f"sessionid={client.cookies['sessionid'].value}")
    contacts = [str(make_contact(given_name=f"Live {number}").pk) for number in range(CONTACTS)]
    return cookies, contacts


def wait_for(port: int) -> None:
    """Wait until the server answers."""
    while True:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5).close()
        except OSError:
            time.sleep(0.1)
        else:
            return


async def measure(
    server: psutil.Process, readers: Sequence[Reader], port: int, comments: int
) -> dict[str, Any]:
    """Return the figures: memory, processor time, and delays from the commit to the page."""
    before = memory(server)
    streams = [asyncio.create_task(reader.read(port)) for reader in readers]
    began = time.monotonic()
    open_streams = await begun(readers, 120)
    opened_in = time.monotonic() - began
    opened = memory(server)
    spent = processor(server)
    await asyncio.sleep(QUIET)
    quiet = (processor(server) - spent) / QUIET
    written = []
    for number in range(comments):
        contact = readers[number % CONTACTS].contact
        written.append((contact, *await asyncio.to_thread(comment, contact)))
        await asyncio.sleep(APART)
    await asyncio.sleep(PATIENCE)
    heard: list[float] = []
    missed = 0
    for contact, event, committed in written:
        for page in (reader for reader in readers if reader.contact == contact):
            times = [at for known, at in page.heard.items() if known >= event]
            missed += not times
            heard += [1000 * (min(times) - committed)] if times else []
    for stream in streams:
        stream.cancel()
    await asyncio.gather(*streams, return_exceptions=True)
    cuts = statistics.quantiles(heard, n=100)
    return {
        "pages": open_streams,
        "opened_in_seconds": round(opened_in, 1),
        "memory_before_mb": round(before, 1),
        "memory_added_mb": round(opened - before, 1),
        "memory_added_after_news_mb": round(memory(server) - before, 1),
        "processor_percent_while_quiet": round(100 * quiet, 2),
        "comments": comments,
        "news": len(heard),
        "missed": missed,
        "delay_ms": {
            name: round(value, 1)
            for name, value in (("p50", cuts[49]), ("p95", cuts[94]), ("p99", cuts[98]))
        }
        | {"most": round(max(heard), 1)},
        "load": [round(each, 1) for each in os.getloadavg()],
    }


def comment(contact: str) -> tuple[int, float]:
    """Comment on a contact; return the event's id, and when it was committed."""
    from accounts.models import User  # noqa: PLC0415 - Django is set up only now
    from activity.models import ActivityEvent  # noqa: PLC0415 - as above
    from contacts.models import Contact  # noqa: PLC0415 - as above
    from tests.builders import make_comment  # noqa: PLC0415 - as above

    found = Contact.objects.get(pk=contact)
    make_comment(found, User.objects.first(), body="News")
    committed = time.monotonic()
    return ActivityEvent.objects.of(found.pk).values_list("id", flat=True)[0], committed


def memory(server: psutil.Process) -> float:
    """Return the memory of the server's processes in MB; what they share counts once (PSS)."""
    everything = [server, *server.children(recursive=True)]
    return sum(process.memory_full_info().pss for process in everything) / 2**20


def processor(server: psutil.Process) -> float:
    """Return the processor time of the server's processes in seconds."""
    everything = [server, *server.children(recursive=True)]
    return sum(sum(process.cpu_times()[:2]) for process in everything)


if __name__ == "__main__":
    main()
