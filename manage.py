#!/usr/bin/env python
"""Annals' command line: `python manage.py <command>`; `help` lists the commands."""

import os
import sys

from django.core.management import execute_from_command_line

from config import embedded


def main() -> None:
    """Start the embedded PostgreSQL where no DATABASE_URL names another, then run the command."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    embedded.start_postgres()
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
