"""`python -m bench.lighthouse [ADDRESS]`: what Lighthouse finds of a demo, first seen on a phone.

Needs Node.js: npx fetches Lighthouse itself, in the version named here. Writes
bench/results/<date>-lighthouse.json and .md, and ends with 1 where a score is below MIN_SCORE.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, sync_playwright

from bench import machine
from bench.sizes import RESULTS
from config.run import free_port
from tests.browsers import CHROMIUM_FLAGS
from tests.chromium import find_or_install

LIGHTHOUSE = "npx --yes lighthouse@13.5.0"
MIN_SCORE = 95
PREFIX = "Total size was "
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
    began, port = machine.moment(), free_port()
    command = [*options.lighthouse.split(), f"--port={port}", "--disable-storage-reset"]
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as profile:
        browser = playwright.chromium.launch_persistent_context(
            profile,
            executable_path=find_or_install(),
            args=[*CHROMIUM_FLAGS, f"--remote-debugging-port={port}"],
            base_url=options.address,
        )
        pages = {"sign-in": measured(browser, command, "/accounts/login/", options)}
        for name, path in signed_in(browser).items():
            pages[name] = measured(browser, command, path, options)
        browser.close()
    result = {"machine": machine.describe(), "began": began, "pages": pages}
    write(f"{began['at'][:10]}-lighthouse", result)
    sys.exit(any(min(page["scores"].values()) < MIN_SCORE for page in pages.values()))


def signed_in(browser: BrowserContext) -> dict[str, str]:
    """Sign in as the demo's administrator; return the paths of the pages to measure, by name."""
    page = browser.new_page()
    page.goto("/accounts/login/")
    page.get_by_label("Email").fill("ada@annals.example")
    page.get_by_label("Password").fill("annals-demo")
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.locator("#main").wait_for()
    page.goto("/contacts/?q=Amara Okonkwo")
    contact = page.get_by_role("link", name="Amara Okonkwo").first.get_attribute("href")
    page.close()
    return {
        "overview": "/",
        "list": "/contacts/",
        "contact": str(contact),
        "log": "/activity/",
        "help": "/help/archive/",
    }


def measured(
    browser: BrowserContext, command: list[str], path: str, options: argparse.Namespace
) -> dict[str, Any]:
    """Return the scores and figures of a page: those of the run with the median performance.

    Each run finds the browser signed in, and without anything that it has fetched before.
    """
    found = []
    for _run in range(options.runs):
        session = browser.new_cdp_session(browser.pages[0])
        session.send("Network.clearBrowserCache")
        session.detach()
        found.append(once(command, options.address + path) | {"page": path})
    found.sort(key=_performance)
    middle = found[len(found) // 2]
    return middle | {"performance_of_each": [_performance(each) for each in found]}


def once(command: list[str], address: str) -> dict[str, Any]:
    """Have Lighthouse measure a page once."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        subprocess.run(
            [
                *(*command, address, "--quiet", "--form-factor=mobile"),
                *("--output=json", f"--output-path={report}"),
            ],
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
        "version": told["lighthouseVersion"],
        "scores": {name: round(told["categories"][name]["score"] * 100) for name in CATEGORIES},
        "figures": {
            label: told["audits"][name]["displayValue"].removeprefix(PREFIX)
            for name, label in METRICS.items()
        },
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
