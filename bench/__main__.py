"""`python -m bench`: measures, and writes the results. `make bench` runs it."""

import argparse
import os
import sys

from bench.contenders import ENTRIES
from bench.sizes import FOLDER, FORMS

# How an installation is configured must not change what is measured, nor be touched by it.
CONFIGURATION = (
    *("ALLOWED_HOSTS", "ANNALS_LEDGER_KEY", "DATABASE_URL", "DEBUG", "EMAIL_PROVIDER", "EMAIL_URL"),
    *("INBOUND_DOMAIN", "LEDGER_ANCHOR_EMAILS", "LEDGER_ANCHOR_FOLDER", "READ_DATABASE_URL"),
    *("REDIS_URL", "SECRET_KEY", "SITE_URL", "STATIC_ROOT", "TRUSTED_PROXIES"),
)


def main() -> None:
    """Read the options and measure."""
    for name in CONFIGURATION:
        os.environ.pop(name, None)
    os.environ["BENCH_FOLDER"] = os.environ["ANNALS_VAR"] = str(FOLDER)
    from bench import run  # noqa: PLC0415  imports what reads the environment

    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument(
        "--form",
        choices=FORMS,
        default="quick",
        help="how much is measured; `trial` only shows that everything works, and writes nothing",
    )
    parser.add_argument("--subjects", nargs="+", choices=run.SUBJECTS, help="only these")
    parser.add_argument(
        "--contenders", nargs="+", choices=ENTRIES, help="only these, and bare Django and Annals"
    )
    run.measure(parser.parse_args())


if __name__ == "__main__":
    sys.exit(main())
