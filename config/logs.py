"""Log lines without the tokens of personal links: who reads a log could use them."""

import logging
import re
from typing import Any

# What follows /i/, /s/ or /u/ opens an invitation, a share, or stops all mail.
PERSONAL = re.compile(r"(/|%2F)([isu])(/|%2F)[\w.:~-]+", re.IGNORECASE)


class Formatter(logging.Formatter):
    """Formats as usual, tracebacks too, with "…" in place of every such token."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the whole entry without tokens."""
        return PERSONAL.sub(r"\1\2\3…", super().format(record))


def logging_to_console(level: str) -> dict[str, Any]:
    """Return Django's LOGGING: everything of that level and above, on the console, without tokens.

    Django's own handlers would print paths with tokens in them.
    """
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"masked": {"()": "config.logs.Formatter"}},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "masked"}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            "django": {"handlers": [], "level": level},
            "django.server": {"handlers": [], "propagate": True},
        },
    }
