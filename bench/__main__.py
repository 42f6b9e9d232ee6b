"""`python -m bench`: measures, and writes the results. `make bench` runs it."""

import argparse
import os
import sys

from bench.sizes import FOLDER

os.environ["ANNALS_VAR"] = str(FOLDER)  # before anything of Annals is imported

from bench import run
from bench.contenders import ENTRIES


def main() -> None:
    """Read the options and measure."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--full", action="store_true", help="measure the whole (an hour)")
    parser.add_argument("--subjects", nargs="+", choices=run.SUBJECTS, help="only these")
    parser.add_argument("--contenders", nargs="+", choices=ENTRIES, help="only these, and bare")
    run.measure(parser.parse_args())


if __name__ == "__main__":
    sys.exit(main())
