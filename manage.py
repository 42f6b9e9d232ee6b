#!/usr/bin/env python
"""Annals' command line: `python manage.py <command>`; `help` lists the commands."""

import os
import signal
import sys

from django.core.management import execute_from_command_line

from config import embedded

WITHOUT_DATABASE = {
    "check",
    "collectstatic",
    "compilemessages",
    "diffsettings",
    "findstatic",
    "help",
    "makemessages",
    "--help",
    "--version",
}


def main() -> None:
    """Start the embedded servers where the environment names no others, then run the command.

    Exits with 2 and one sentence where they cannot start.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    # Leave by the way that stops what we started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        alone = not WITHOUT_DATABASE.isdisjoint(sys.argv[1:2] or ["help"])
        if (not alone or "--database" in sys.argv) and "--help" not in sys.argv:
            embedded.start()
        from activity.context import acting  # reads the settings, which read where the servers are

        with acting(channel="command", route=" ".join(sys.argv[1:2])):
            execute_from_command_line(sys.argv)
    except embedded.Unavailable as problem:
        sys.stderr.write(f"{problem}\n")
        sys.exit(2)


if __name__ == "__main__":
    main()
