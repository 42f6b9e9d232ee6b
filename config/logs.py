"""Which lines are written to the log, and how: config/log_lines.py writes them."""

from typing import Any

from environ import Env

OURS = ("accounts", "activity", "config", "contacts")


def log_settings(env: Env) -> dict[str, Any]:
    """Return the settings of logging, from the environment.

    LOG_FORMAT: "text" for people, or "json": one object on each line, for what collects logs.
    LOG_LEVEL: the least level that is written; "INFO" has a line for each request and task, and is
    what LOG_FORMAT=json does by itself. Otherwise it is "WARNING".
    """
    form = env("LOG_FORMAT", default="text")
    formatters = {"text": "config.log_lines.Formatter", "json": "config.log_lines.JsonFormatter"}
    if form not in formatters:
        raise ValueError(f'LOG_FORMAT is "{form}": it must be "text" or "json".')
    level = env("LOG_LEVEL", default="INFO" if form == "json" else "WARNING").upper()
    # What others note about their work is not ours to look through for what is personal.
    least = level if level in {"DEBUG", "ERROR", "CRITICAL"} else "WARNING"
    return {
        "LOGGING": {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"chosen": {"()": formatters[form]}},
            "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "chosen"}},
            "root": {"handlers": ["console"], "level": least},
            "loggers": {
                **{name: {"level": level} for name in OURS},
                # Django's own handlers would print paths with tokens in them.
                "django": {"handlers": [], "level": least},
                "django.server": {"handlers": [], "propagate": True},
                # The line of each request tells what was refused.
                "django.request": {"level": "ERROR" if level == "INFO" else least},
            },
        }
    }
