"""Log lines without the tokens of personal links: who reads a log could use them."""

import logging
import re

# What follows /i/, /s/ or /u/ opens an invitation, a share, or stops all mail.
PERSONAL = re.compile(r"(/|%2F)([isu])(/|%2F)[\w.:~-]+", re.IGNORECASE)


class Formatter(logging.Formatter):
    """Formats as usual, tracebacks too, with "…" in place of every such token."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the whole entry without tokens."""
        return PERSONAL.sub(r"\1\2\3…", super().format(record))
