"""The short table in README.md, which a whole run brings up to date."""

from typing import Any

from bench.contenders import BASE, ENTRIES
from bench.report import markdown
from bench.sizes import ROOT

README = ROOT / "README.md"
BEGIN, END = "<!-- benchmarks -->", "<!-- /benchmarks -->"
_LEFT_OUT = ("narrow",)
_NONE = "–"


def is_worth_showing(result: dict[str, Any]) -> bool:
    """Tell whether bare Django and Annals did all that was asked of them."""
    return not any(each["contender"] in (BASE, "annals") for each in result["failures"])


def refresh(result: dict[str, Any], name: str) -> None:
    """Put the table of a run into README.md, with the name of the file that has all of it."""
    README.write_text(replaced(README.read_text(), result, name))


def replaced(text: str, result: dict[str, Any], name: str) -> str:
    """Return a text with what stands between its two marks replaced; raises ValueError without."""
    before, _, rest = text.partition(BEGIN)
    _, mark, after = rest.partition(END)
    if not mark:
        raise ValueError(f"README.md has no {BEGIN} and {END} any more.")
    lines = [*markdown(*table(result)), "", _source(result, name)]
    return "\n".join([f"{before}{BEGIN}", *lines, f"{END}{after}"])


def table(result: dict[str, Any]) -> tuple[list[str], list[list[str]]]:
    """Return the heads and rows: one contender each, its main figures as ratios."""
    subjects, versions = result["subjects"], result["versions"]
    hot = list(subjects["reading"])[-1]
    heads = [
        "",
        "one save",
        "created in bulk",
        "raw SQL is",
        "bytes an entry",
        "page of 50 entries",
    ]
    rows = []
    for name, entry in ENTRIES.items():
        save = subjects["saving"].get(name, {})
        if name in _LEFT_OUT or "ratio" not in save:
            continue
        label = entry.label
        if name not in ("raw", "bare", "annals"):
            label = f"{label} {versions[entry.distribution]}"
        stored = save.get("stored")
        rows.append([
            f"**{label}**" if name == "annals" else label,
            _ratio(save),
            _ratio(subjects["creating"].get(name)),
            subjects["trying"].get(name, {}).get("SQL UPDATE", _NONE) if name != "bare" else _NONE,
            f"{stored['bytes']:,.0f}" if stored else _NONE,
            _ratio(subjects["reading"][hot].get(name)),
        ])  # fmt: skip
    return heads, rows


def _ratio(figures: dict[str, Any] | None) -> str:
    return f"{figures['ratio']['median']:.2f}" if figures and "ratio" in figures else _NONE


def _source(result: dict[str, Any], name: str) -> str:
    machine, sizes = result["machine"], result["sizes"]
    return (
        f"Of {result['began']['at'][:10]}, {result['form']} form: {machine['processor']}, "
        f"{machine['cores']} cores, {machine['memory_gib']} GiB, PostgreSQL "
        f"{result['versions']['postgresql']}; the page is of a contact with {sizes['hot']:,} of "
        f"{sizes['events']:,} entries. [All figures](bench/results/{name})."
    )
