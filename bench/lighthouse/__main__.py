"""`python -m bench.lighthouse [ADDRESS]`: what Lighthouse finds of a demo, first seen on a phone.

Needs Node.js: npx fetches Lighthouse itself, in the version named here. Writes
bench/results/<date>-lighthouse.json and .md, and ends with 1 where a score is below MIN_SCORE.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from bench import machine
from bench.sizes import RESULTS
from tests.chromium import find_or_install
from tests.conftest import CHROMIUM_FLAGS

LIGHTHOUSE = "npx --yes lighthouse@13.5.0"
MIN_SCORE = 95
GOOD = 0.9  # of an audit: below, it is listed
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
METRICS = {
    "first-contentful-paint": "first paint",
    "largest-contentful-paint": "largest paint",
    "total-blocking-time": "blocked",
    "cumulative-layout-shift": "shift",
    "total-byte-weight": "weight",
}


def main() -> None:
    """Sign in to the demo, measure each page, and write what came out."""
    parser = argparse.ArgumentParser(prog="python -m bench.lighthouse", description=__doc__)
    parser.add_argument("address", nargs="?", default="http://127.0.0.1:8000")
    parser.add_argument("--runs", type=int, default=3, help="of each page; the median counts")
    parser.add_argument("--lighthouse", default=LIGHTHOUSE, help="its program")
    options = parser.parse_args()
    began = machine.moment()
    command = options.lighthouse.split()
    pages = {"sign-in": measured(command, f"{options.address}/accounts/login/", options.runs)}
    paths, cookies = signed_in(options.address)
    command.append(f"--extra-headers={json.dumps({'Cookie': cookies})}")
    for name, path in paths.items():
        pages[name] = measured(command, options.address + path, options.runs)
    result = {"machine": machine.describe(), "began": began, "pages": pages}
    write(f"{began['at'][:10]}-lighthouse", result)
    sys.exit(any(min(page["scores"].values()) < MIN_SCORE for page in pages.values()))


def signed_in(address: str) -> tuple[dict[str, str], str]:
    """Sign in as the demo's administrator.

    Returns the paths of the pages to measure, by name, and what the browser's cookies are: each
    page is measured by a browser that has seen none before.
    """
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_or_install(), args=CHROMIUM_FLAGS)
        page = browser.new_page(base_url=address)
        page.goto("/accounts/login/")
        page.get_by_label("Email").fill("ada@annals.example")
        page.get_by_label("Password").fill("annals-demo")
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.locator("#main").wait_for()
        page.goto("/contacts/?q=Amara Okonkwo")
        contact = page.get_by_role("link", name="Amara Okonkwo").first.get_attribute("href")
        cookies = "; ".join(f"{each['name']}={each['value']}" for each in page.context.cookies())
        browser.close()
    paths = {
        "overview": "/",
        "list": "/contacts/",
        "contact": str(contact),
        "log": "/activity/",
        "help": "/help/archive/",
    }
    return paths, cookies


def measured(command: list[str], address: str, runs: int) -> dict[str, Any]:
    """Return the scores and figures of a page: those of the run with the median performance."""
    found = sorted((once(command, address) for _ in range(runs)), key=_performance)
    middle = found[len(found) // 2]
    return middle | {"performance_of_each": [_performance(each) for each in found]}


def once(command: list[str], address: str) -> dict[str, Any]:
    """Have Lighthouse measure a page once, in a browser of its own."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        flags = f"--chrome-flags=--headless=new {' '.join(CHROMIUM_FLAGS)}"
        subprocess.run(
            [
                *(*command, address, "--quiet", "--form-factor=mobile"),
                *("--output=json", f"--output-path={report}", flags),
            ],
            env=os.environ | {"CHROME_PATH": find_or_install()},
            check=True,
        )
        told = json.loads(report.read_text())
    counted = {
        each["id"]
        for name in CATEGORIES
        for each in told["categories"][name]["auditRefs"]
        if each["weight"]
    }
    wrong = [
        f"{audit['id']}: {audit['title']}"
        for audit in told["audits"].values()
        if audit["id"] in counted and audit["score"] is not None and audit["score"] < GOOD
    ]
    return {
        "page": told["finalDisplayedUrl"].removeprefix(address[: address.find("/", 8)]),
        "version": told["lighthouseVersion"],
        "scores": {name: round(told["categories"][name]["score"] * 100) for name in CATEGORIES},
        "figures": {label: told["audits"][name]["displayValue"] for name, label in METRICS.items()},
        "wrong": wrong,
    }


def _performance(page: dict[str, Any]) -> int:
    return page["scores"]["performance"]


def write(name: str, result: dict[str, Any]) -> None:
    """Write the result as JSON and as a table, which is printed as well."""
    labels = [*CATEGORIES, *METRICS.values()]
    lines = [f"| page | {' | '.join(labels)} |", "| --- |" + " ---: |" * len(labels)]
    for page, found in result["pages"].items():
        cells = [*map(str, found["scores"].values()), *found["figures"].values()]
        lines.append(f"| {page} | {' | '.join(cells)} |")
    for page, found in result["pages"].items():
        lines += [f"\n{page}: {wrong}" for wrong in found["wrong"]]
    table = "\n".join(lines) + "\n"
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / f"{name}.json").write_text(json.dumps(result, indent=1) + "\n")
    load = result["began"]["load"][0]
    head = f"# Lighthouse, {result['began']['at'][:10]}\n\nMobile. Load of the machine: {load}."
    (RESULTS / f"{name}.md").write_text(f"{head}\n\n{table}")
    sys.stdout.write(table)


if __name__ == "__main__":
    main()
