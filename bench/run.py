"""A whole run: databases, processes, one subject after the other, results."""

import argparse
import sys
from typing import Any

from bench import databases, machine, report, summary
from bench.conductor import Conductor
from bench.contenders import BASE, ENTRIES
from bench.sizes import FOLDER, FORMS
from bench.subjects import creating, ledger, moving, pages, reading, saving, trying

# In this order: each finds the tables as the one before left them.
SUBJECTS = {
    "saving": saving,
    "creating": creating,
    "trying": trying,
    "ledger": ledger,
    "moving": moving,
    "reading": reading,
    "pages": pages,
}


def measure(options: argparse.Namespace) -> None:
    """Measure what the options ask for, show it, and write it; of all, also into README.md.

    Exits with a sentence where README.md could not follow.
    """
    sizes = FORMS[options.form]
    chosen = options.contenders or list(ENTRIES)
    names = [name for name in ENTRIES if name in {*chosen, BASE, "annals"}]
    subjects = options.subjects or list(SUBJECTS)
    result: dict[str, Any] = {
        "form": options.form,
        "sizes": vars(sizes),
        "machine": machine.describe(),
        "versions": machine.versions(),
        "began": machine.moment(),
    }
    FOLDER.mkdir(mode=0o700, parents=True, exist_ok=True)
    with databases.server() as server:
        result["versions"]["postgresql"] = databases.version(server)
        conductor = Conductor(say)
        try:
            _prepare(conductor, server, names, sizes.people)
            result["subjects"] = {}
            for name in subjects:
                say(f"{SUBJECTS[name].TITLE} ...")
                result["subjects"][name] = SUBJECTS[name].conduct(conductor, sizes)
        finally:
            conductor.close()
            for name in names:
                databases.drop(server, name)
    result |= {"failures": conductor.failures, "ended": machine.moment()}
    report.show(result, SUBJECTS, say)
    name = f"{result['began']['at'][:10]}-{options.form}"
    if options.form == "trial":
        return
    if options.subjects or options.contenders:
        report.write(result, SUBJECTS, say, f"{name}-part")
        return
    written = report.write(result, SUBJECTS, say, name)
    if summary.is_worth_showing(result):
        summary.refresh(result, written.name)
    else:
        sys.exit("Bare Django or Annals could not do all of it: README.md is left as it was.")


def _prepare(conductor: Conductor, server: dict[str, str], names: list[str], people: int) -> None:
    """Start everybody with the same contacts; Annals first, which names the columns."""
    for name in sorted(names, key=lambda each: each != "annals"):
        say(f"Preparing {ENTRIES[name].label} ...")
        conductor.start(name, databases.make(server, name))
        if not conductor.ask(name, "ground", "prepare"):
            conductor.players.pop(name).close()
    conductor.ask_all("ground", "populate", contacts=people)


def say(text: str) -> None:
    """Tell how far it is."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()
