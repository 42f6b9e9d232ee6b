"""What is written to the log while a block runs, as JSON or for people."""

import io
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from config.log_lines import JsonFormatter
from config.logs import OURS


class Lines(io.StringIO):
    """The lines that were written."""

    def read_json(self, logger: str = "") -> list[dict[str, Any]]:
        """Return the lines of a logger, and of those below it."""
        told = [json.loads(line) for line in self.getvalue().splitlines()]
        return [line for line in told if line["logger"].startswith(logger)]

    @property
    def of_requests(self) -> list[dict[str, Any]]:
        """Return the lines that tell of requests."""
        return [line for line in self.read_json("config.observing") if "method" in line]


@contextmanager
def written(form: type[logging.Formatter] = JsonFormatter) -> Iterator[Lines]:
    """Write all that is logged in a form, ours from INFO on, as LOG_FORMAT=json does."""
    lines = Lines()
    handler = logging.StreamHandler(lines)
    handler.setFormatter(form())
    levels = {logging.getLogger(name): logging.getLogger(name).level for name in OURS}
    root = logging.getLogger()
    others, root.handlers = root.handlers, [handler]
    for logger in levels:
        logger.setLevel(logging.INFO)
    try:
        yield lines
    finally:
        root.handlers = others
        for logger, level in levels.items():
            logger.setLevel(level)
