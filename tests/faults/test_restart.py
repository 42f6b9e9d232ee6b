"""Web is told to end, and killed, while people work; the long forms are scripts here."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connections

from config.run import free_port
from tests.faults.installation import wait_until
from tests.faults.outbox import Processes
from tests.faults.people import Place, account, at_work
from tests.faults.restart import end_under_way
from tests.faults.restart_request import Request

pytestmark = pytest.mark.django_db(transaction=True)
SECONDS = 60


class Web(Place):
    """A web process of the Procfile, on the database of the tests, and people who work there."""

    def __init__(self, folder: Path) -> None:
        super().__init__(free_port())
        self.processes = Processes.of_tests(
            folder,
            PORT=str(self.port),
            SECRET_KEY=settings.SECRET_KEY,
            WEB_CONCURRENCY="1",
            STATIC_ROOT=str(settings.STATIC_ROOT),
            COVERAGE_PROCESS_CONFIG="",
        )

    def start(self) -> None:
        """Start it; it answers once this returns."""
        self.process = self.processes.start("web")
        assert wait_until(self.answers, SECONDS)

    def answers(self) -> bool:
        """Tell whether it answers."""
        try:
            return b"ok" in Request(self, "/healthz").rest()
        except OSError:
            return False


@pytest.fixture
def web(tmp_path: Path) -> Iterator[Web]:
    web = Web(tmp_path)
    web.settle(3)
    web.start()
    yield web
    web.processes.kill_all()
    connections.close_all()


def test_web_loses_nothing_where_it_is_killed_and_finishes_where_it_is_told_to_end(
    web: Web,
) -> None:
    with at_work(web) as journals:
        for _kill in range(2):
            enough = sum(len(each.saved) for each in journals) + 5
            assert wait_until(lambda e=enough: sum(len(j.saved) for j in journals) >= e, SECONDS)
            web.processes.kill(web.process)
            web.start()
    assert account(journals) == []

    assert end_under_way(web, web.process) == []
    web.processes.running.remove(web.process)
