"""Restarts web and worker while people work, and counts the requests that failed.

    .venv/bin/python -m tests.faults.restart --rounds 5

1. The page servers of one web process are replaced (SIGHUP).
2. Two web processes are ended and started in turn; who finds one port closed asks at the other, as
   a proxy does.
3. A web process is told to end (SIGTERM) while it makes a page, takes in a form slowly and holds a
   stream: the first two are answered, the third ends at once.
4. A worker is told to end while it imports; another one goes on from there.

Each but the last two is done `--rounds` times. It prints what it counted, and exits with 1 where a
request failed. It uses servers of its own in a temporary folder.
"""

import argparse
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psutil

from tests.faults.installation import Installation, say, wait_until
from tests.faults.kills_browser import TOKEN, Journal
from tests.faults.kills_people import Person
from tests.faults.people import Place
from tests.faults.restart_request import Request

ROWS = 6_000  # of the imported file
PEOPLE = 6
END_SECONDS = 30
END_OF_STREAM = 2  # seconds, on a busy machine


def main() -> int:
    """Try it all; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    installation = Installation(WEB_CONCURRENCY="2", MESSAGE_GRACE_SECONDS="1")
    try:
        installation.set_up(people=PEOPLE)
        problems = [
            *reload(installation, arguments.rounds),
            *replace(installation, arguments.rounds),
            *end_in_the_middle(installation),
            *hand_back(installation),
        ]
    finally:
        installation.close()
    for problem in problems:
        say(f"  WRONG: {problem}")
    return 1 if problems else 0


def reload(installation: Installation, rounds: int) -> list[str]:
    """Replace the page servers of a web process, again and again; return what failed."""
    web = installation.start("web")
    seconds = []
    with working(installation, [installation.port]) as journals:
        for _round in range(rounds):
            before = page_servers(web.pid)
            start = time.monotonic()
            web.send_signal(signal.SIGHUP)
            wait_until(lambda before=before: not before & page_servers(web.pid), END_SECONDS)
            seconds.append(time.monotonic() - start)
    installation.stop(web)
    return told(f"page servers replaced {rounds} times, {max(seconds):.1f} s each", journals)


def replace(installation: Installation, rounds: int) -> list[str]:
    """End one of two web processes and start it anew, in turn; return what failed."""
    from config.run import free_port

    ports = [installation.port, free_port()]
    webs = {port: installation.start("web", PORT=str(port)) for port in ports}
    seconds = []
    with working(installation, ports) as journals:
        for number in range(2 * rounds):
            port = ports[number % 2]
            start = time.monotonic()
            installation.stop(webs[port])
            seconds.append(time.monotonic() - start)
            webs[port] = installation.start("web", PORT=str(port))
    for web in webs.values():
        installation.stop(web)
    return told(
        f"web processes replaced {2 * rounds} times, each ended in {max(seconds):.1f} s", journals
    )


def end_in_the_middle(installation: Installation) -> list[str]:
    """Tell a web process to end while it is at three requests; return what went wrong."""
    web = installation.start("web", WEB_CONCURRENCY="1")
    problems = end_under_way(installation, web)
    installation.running.remove(web)
    return problems


def end_under_way(place: Place, web: subprocess.Popen[bytes]) -> list[str]:
    """The same with the web process of any place, whose page servers are one."""
    from django.db import transaction

    from contacts.models import Contact

    first, second = place.contacts[:2]
    form = f"body=Wait&csrfmiddlewaretoken={TOKEN}&id=019ad000-0000-7000-8000-00000000000"
    with transaction.atomic():
        Contact.objects.select_for_update().get(pk=first)  # the page waits for it
        made = Request(place, f"/contacts/{first}/comments/", f"{form}1")
        sent = Request(place, f"/contacts/{second}/comments/", f"{form}2", held=5)
        stream = Request(place, f"/live/?contact={first}")
        stream.until(b"event: news")
        time.sleep(0.5)  # until both forms are under way
        start = time.monotonic()
        web.send_signal(signal.SIGTERM)
        stream.rest()
        ended = time.monotonic() - start
        time.sleep(0.5)  # in which it would end, if it did not wait
        sent.go_on()
    answers = [(each.rest()[9:12] or b"nothing").decode() for each in (made, sent)]
    web.wait(END_SECONDS)
    say(
        f"told to end: the stream ended in {ended:.1f} s; the page that was made was answered"
        f" {answers[0]}, the form that was sent slowly {answers[1]};"
        f" web ended in {time.monotonic() - start:.1f} s"
    )
    problems = [
        f"a request under way was answered {each}" for each in answers if each[0] not in "23"
    ]
    return problems + [f"a stream ended only after {ended:.1f} s"] * (ended > END_OF_STREAM)


def hand_back(installation: Installation) -> list[str]:
    """Tell a worker to end while it imports, with another one there; return what went wrong."""
    from django.core.files.uploadedfile import SimpleUploadedFile

    from accounts.models import User
    from contacts.models import ImportRun

    lines = [f"Row {n},Import,row{n}@import.example" for n in range(ROWS)]
    file = "\r\n".join(["Given name,Family name,Email", *lines]).encode()
    run = ImportRun.receive(SimpleUploadedFile("people.csv", file), User.objects.first())
    worker = installation.start("worker")
    run.start(run.targets)

    def done() -> int:
        run.refresh_from_db()
        return run.done

    assert wait_until(done, 60), installation.log()
    start = time.monotonic()
    installation.stop(worker)
    ended, left = time.monotonic() - start, done()
    other = installation.start("worker")
    start = time.monotonic()
    is_on = wait_until(lambda: done() > left, 60)
    took = time.monotonic() - start
    is_over = wait_until(lambda: done() and run.state == run.State.FINISHED, 300)
    installation.stop(other)
    say(
        f"a worker that was told to end at row {left} of {ROWS} ended in {ended:.1f} s; another one"
        f" went on {took:.1f} s after its start; {run.created} were added"
    )
    problems = ["the import did not go on"] * (not is_on or not is_over)
    problems += ["the import ended before its worker"] * (left == ROWS)
    return problems + [f"{run.created} were added"] * (run.created != ROWS)


@contextmanager
def working(installation: Installation, ports: list[int]) -> Iterator[list[Journal]]:
    """Have people work until the block ends; yield their journals."""
    ended = threading.Event()
    people = [
        Person(ports, number, cookie, [contact, contact], installation.contacts)
        for number, (cookie, contact) in enumerate(
            zip(installation.cookies, installation.contacts, strict=True)
        )
    ]
    threads = [
        threading.Thread(target=each.work, args=[ended], kwargs={"reads": 0.8, "pause": 0.05})
        for each in people
    ]
    for thread in threads:
        thread.start()
    try:
        yield [each.journal for each in people]
    finally:
        ended.set()
        for thread in threads:
            thread.join()


def page_servers(web: int) -> set[int]:
    """Return the processes that web serves pages by."""
    return {each.pid for each in psutil.Process(web).children()}


def told(what: str, journals: list[Journal]) -> list[str]:
    """Say what people were answered; return what failed."""
    answers: Counter[str] = sum((each.answers for each in journals), Counter())
    failed = {status: n for status, n in answers.items() if not status.startswith(("2", "3"))}
    resent = sum(each.resent for each in journals)
    slowest = max(each.slowest for each in journals)
    say(
        f"{what}: {sum(failed.values())} of {answers.total()} requests failed {failed or ''},"
        f" {resent} were sent again on a new connection; slowest {slowest:.1f} s"
    )
    wrong: list[Any] = [words for each in journals for words in each.wrong]
    return wrong + [f"{count} × {status}" for status, count in failed.items()]


if __name__ == "__main__":
    sys.exit(main())
