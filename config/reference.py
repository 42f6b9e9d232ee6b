"""Every variable that Annals reads from the environment: `python -m config.reference`.

What it prints is docs/configuration.md. It is read from the source: a function `<subject>_settings`
of this package reads variables by `env`, and its docstring has a line `NAME: meaning` for each.
"""

import ast
import inspect
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import Any

CONFIG = Path(__file__).resolve().parent
KINDS = {"env": "text", "str": "text", "bool": "true or false", "int": "number", "float": "number"}
KINDS |= {"list": "list, with commas", "db": "address", "email": "address"}
MEANING = re.compile(r"^([A-Z][A-Z0-9_]*(?:, [A-Z][A-Z0-9_]*)*): (.*)$")
NAME = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*")
# In a meaning: that it tells the default, which the code computes.
ELSEWHERE = re.compile(r"by default|without it|on first use", re.IGNORECASE)
# What programs read before settings are, or instead of them.
PROCESSES = """
ANNALS_VAR: the folder of what Annals keeps itself: uploads, exports, static files, and what comes
    along where no servers are named: PostgreSQL, Redis, keys, mail. Default: `var`, beside the code
WEB_CONCURRENCY: processes of the web server, each with WEB_THREADS. Default: `2`
WORKER_CONCURRENCY: threads of the worker, of which half send mail; no more than DATABASE_POOL_SIZE.
    Default: `4`
GRANIAN_HOST: the address to listen on, in the container 0.0.0.0. Default: `127.0.0.1`
"""
HEAD = """
# Configuration

All variables that Annals reads from the environment. One that is not set, or empty, has its
default. Where a variable is marked *secret*, `NAME_FILE` can name a file that holds the value
instead, as `SECRET_KEY_FILE=/run/secrets/secret_key`: so are Docker's secrets and systemd's
credentials handed over.

`manage.py doctor` says which of them do not fit each other. Settings that decide what is kept, and
what limits hold, are noted in the log whenever `manage.py migrate` finds them changed.

This page is written by `python -m config.reference > docs/configuration.md`, from the source.
"""
FOOT = """
## Mail providers

With `EMAIL_PROVIDER`, all variables that begin with `ANYMAIL_` are read as well: the provider's key
and options, as [anymail names them](https://anymail.dev/en/stable/esps/), and
`ANYMAIL_WEBHOOK_SECRET`, `user:password` of 20 or more characters, by which the provider is known
when it reports; several with commas while changing it. Each can be given as `NAME_FILE`.
"""
# In the order of the page; files that are not named here come last.
TITLES = {
    "site": "The site",
    "hosts": "Addresses and proxies",
    "secrets": "Keys",
    "databases": "Database",
    "caches": "Redis",
    "places": "Files",
    "sending": "Mail",
    "outreach": "Messages, invitations, files",
    "sign_in": "Signing in",
    "single_sign_on": "Signing in through a service",
    "sessions": "Sessions",
    "limits": "Limits",
    "ledger": "The log, its proof, and what is forgotten",
    "logs": "Logs",
    "watching": "Metrics, errors, traces",
    "receiving": "Web process",
}


@dataclass(frozen=True)
class Variable:
    """A variable: its name, what it takes, its default as people write it, and what it means."""

    name: str
    kind: str
    default: str
    meaning: str

    @property
    def row(self) -> str:
        """Return it as a row of the page's table."""
        secret = " *Secret.*" if self.name in secrets() else ""
        return f"| `{self.name}` | {self.kind} | {self.default} | {self.meaning}{secret} |"


@dataclass(frozen=True)
class Subject:
    """What one function reads: its heading, and the variables in the order of its docstring."""

    title: str
    variables: list[Variable]


class Undocumented(Exception):
    """A variable is read that no line explains, or explained and never read."""


def secrets() -> frozenset[str]:
    """Return which variables may be given as files: NAMES of config/secrets.py."""
    for node in ast.parse((CONFIG / "secrets.py").read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "NAMES":
            return frozenset(ast.literal_eval(node.value.args[0]))
    raise Undocumented("secrets.py: NAMES")


def subjects() -> list[Subject]:
    """Return all that is read, by subject. Raises Undocumented."""
    found: dict[str, Subject] = {"": Subject("Processes", [*_processes()])}
    read: set[str] = set()
    for path in sorted(CONFIG.glob("*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if not (isinstance(node, ast.FunctionDef) and node.name.endswith("_settings")):
                continue
            calls = {call.name: call for call in _calls(node)}
            read |= calls.keys()
            if meanings := _meanings(ast.get_docstring(node) or ""):
                found[path.stem] = Subject(
                    TITLES.get(path.stem, path.stem.replace("_", " ").capitalize()),
                    [_variable(name, calls, meaning) for name, meaning in meanings.items()],
                )
    known = {each.name for subject in found.values() for each in subject.variables}
    if missing := read - known:
        raise Undocumented(f"No docstring says what these mean: {', '.join(sorted(missing))}")
    return [found[stem] for stem in sorted(found, key=_place)]


def _place(stem: str) -> tuple[int, str]:
    order = ["", *TITLES]
    return order.index(stem) if stem in order else len(order), stem


def page() -> str:
    """Return docs/configuration.md."""
    parts = [HEAD.strip()]
    for subject in subjects():
        rows = "\n".join(each.row for each in subject.variables)
        table = "| variable | takes | default | meaning |\n| --- | --- | --- | --- |"
        parts.append(f"## {subject.title}\n\n{table}\n{rows}")
    return "\n\n".join([*parts, FOOT.strip()]) + "\n"


def _variable(name: str, calls: dict[str, "_Call"], meaning: str) -> Variable:
    if name not in calls:
        raise Undocumented(f"{name} is explained, and never read.")
    default = calls[name].default
    if default in ("", "none") and ELSEWHERE.search(meaning):
        default = "see meaning"
    return Variable(name, calls[name].kind, default or "none", _said(meaning))


@dataclass(frozen=True)
class _Call:
    name: str
    kind: str
    default: str


def _calls(function: ast.FunctionDef) -> Iterator[_Call]:
    """Yield what a function reads by `env`; of several reads of one variable the last is kept."""
    for node in ast.walk(function):
        if not (isinstance(node, ast.Call) and node.args):
            continue
        called, variable = node.func, node.args[0]
        owner = called.value if isinstance(called, ast.Attribute) else called
        name = called.attr if isinstance(called, ast.Attribute) else "env"
        is_read = isinstance(owner, ast.Name) and owner.id == "env" and name in KINDS
        if not is_read:
            continue
        default = _default(next((a.value for a in node.keywords if a.arg == "default"), None))
        # Where several are read in a loop, their names stand elsewhere in the function.
        names = [variable] if isinstance(variable, ast.Constant) else ast.walk(function)
        for each in names:
            if isinstance(each, ast.Constant) and NAME.fullmatch(str(each.value)):
                yield _Call(str(each.value), KINDS[name], default)


def _default(node: ast.expr | None) -> str:
    """Return a default as people write it; empty where the meaning says what it is."""
    try:
        value: Any = eval(compile(ast.Expression(node), "", "eval"), {"__builtins__": {}})  # noqa: S307
    except (NameError, TypeError, ValueError):
        return ""
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, list):
        value = ",".join(map(str, value))
    return f"`{value}`" if value not in ("", None) else "none"


def _meanings(doc: str) -> dict[str, str]:
    """Return {name: meaning} of the lines `NAME: meaning`, each up to the next or an empty line."""
    found: dict[str, str] = {}
    names: list[str] = []
    for line in inspect.cleandoc(doc).splitlines():
        if begun := MEANING.match(line.strip()):
            names = begun[1].split(", ")
            found |= dict.fromkeys(names, begun[2])
        elif not line.strip():
            names = []
        else:
            for name in names:
                found[name] += f" {line.strip()}"
    return found


def _said(meaning: str) -> str:
    return meaning.rstrip(".;").replace("|", "\\|")


def _processes() -> Iterator[Variable]:
    for name, text in _meanings(dedent(PROCESSES)).items():
        meaning, default = text.split(". Default: ")
        kind = "number" if default.strip("`").isdecimal() else "text"
        yield Variable(name, kind, default, meaning)


if __name__ == "__main__":
    sys.stdout.write(page())
