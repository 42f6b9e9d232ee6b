"""Results as JSON and as tables."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from bench.sizes import RESULTS, ROOT


def show(result: dict[str, Any], subjects: Mapping[str, ModuleType], say: Callable) -> None:
    """Say what came out."""
    say(text(result, subjects))


def write(
    result: dict[str, Any], subjects: Mapping[str, ModuleType], say: Callable, name: str
) -> Path:
    """Write bench/results/<name>.json and .md, and return the second; earlier ones are replaced."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{name}.md"
    path.with_suffix(".json").write_text(json.dumps(result, indent=1) + "\n")
    path.write_text(text(result, subjects))
    say(f"Written to {path.relative_to(ROOT)} and .json")
    return path


def text(result: dict[str, Any], subjects: Mapping[str, ModuleType]) -> str:
    """Return the results as Markdown."""
    machine, versions = result["machine"], result["versions"]
    began, ended = result["began"], result["ended"]
    lines = [
        f"# Benchmarks of {began['at'][:10]}, {result['form']} form",
        "",
        f"{machine['processor']}, {machine['cores']} cores, {machine['memory_gib']} GiB, "
        f"{machine['system']}, Python {machine['python']}, PostgreSQL {versions['postgresql']}.",
        f"Began {began['at']} at a load of {began['load'][0]}, "
        f"ended {ended['at']} at {ended['load'][0]}.",
        "",
        ", ".join(f"{name} {each}" for name, each in versions.items() if name != "postgresql"),
        "",
    ]
    for name, figures in result["subjects"].items():
        lines += [f"## {subjects[name].TITLE}", ""]
        lines += [*markdown(*subjects[name].table(figures)), ""]
    if result["failures"]:
        lines += ["## What could not be measured", ""]
        heads = ["who", "what", "why"]
        lines += [*markdown(heads, [list(each.values()) for each in result["failures"]]), ""]
    return "\n".join(lines)


def markdown(heads: list[str], rows: list[list[str]]) -> list[str]:
    """Return the lines of a table."""
    dashes = ["---"] + ["---:"] * (len(heads) - 1)
    lines = [" | ".join(cell.replace("|", r"\|") for cell in cells) for cells in (heads, *rows)]
    return [f"| {line} |" for line in (lines[0], " | ".join(dashes), *lines[1:])]
