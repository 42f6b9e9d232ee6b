"""Texts that would run, load or restyle something where they are written into a page unescaped.

Each brings an element `xss…`, a handler or an address that no page of ours has.
"""

import itertools
import json
import re
from html.parser import HTMLParser
from typing import Any

CORPUS = (
    "<xss1 onclick=xss()>",
    '"><xss2 autofocus onfocus=xss()>',
    "'><xss3>",
    '" onmouseover="xss()" x="',
    "' onpointerenter='xss()' x='",
    "` onload=xss() x=`",
    "</script><xss4>",
    "</textarea><xss5>",
    "</title></style><xss6>",
    "--><xss7>",
    "]]><xss8>",
    "<svg/onload=xss()>",
    "<img src=x onerror=xss()>",
    "<xss9/x=\u2028y>",
    "&lt;xss10&gt;",  # an element for who takes it for HTML twice
    "\\u003cxss11\\u003e",
    "<<xss12>>",
    "<xss13\x0bonclick=xss()>",
    "\uff1cxss14\uff1e",  # full width: an element for who normalises late
    "{{ 7|add:7 }}<xss15>",
    "{% include 'x' %}<xss16>",
    "[a](javascript:xss())",
    "[b](data:text/html,<xss17>)",
    "<javascript:xss()>",
    "![c](x 'onerror=xss()')",
    "[d]: javascript:xss()\n\n[d]",
    "`<xss18>`",
    "| <xss19> | b |\n| --- | --- |\n| <xss20 onx=1> | d |",
    "javascript:xss()",
    '=HYPERLINK("javascript:xss()")<xss21>',
    "@mia<xss22>",
)
WHOLE = "\n\n".join(CORPUS)
ADDRESSES = {"href", "src", "action", "formaction", "data", "xlink:href", "srcdoc", "poster"}
RUNS = re.compile(r"^(javascript|vbscript|data:text/html)", re.I)
# Attributes that a page reads selectors, values or headers from: `hx-get` and so on.
OF_HTMX = re.compile(r"^(data-)?hx-(get|post|put|patch|delete|push-url|replace-url)$")
IGNORED = re.compile(r"[\x00-\x20\u200b-\u200f\u2028\u2029\ufeff]")


def texts(longest: int) -> "itertools.cycle[str]":
    """Return those of the texts that fit, again and again."""
    return itertools.cycle([text for text in CORPUS if len(text) <= longest])


class Brought(HTMLParser):
    """Collects what a page has that only the corpus can have brought."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.offences: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at an element."""
        if "xss" in tag:
            self.offences.append(f"<{tag}>")
        for name, value in attrs:
            leads = name in ADDRESSES or OF_HTMX.match(name)
            runs = leads and RUNS.match(IGNORED.sub("", value or ""))
            if name.startswith("on") or "xss" in name or runs:
                self.offences.append(f'<{tag} {name}="{value}">'[:200])
            if name == "style" and "xss" in (value or ""):
                self.offences.append(f'<{tag} style="{value}">'[:200])

    handle_startendtag = handle_starttag


def brought(answer: Any) -> list[str]:
    """Return what of the corpus is alive in an answer: of its page, or of its headers."""
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    kind = answer.headers.get("Content-Type", "").partition(";")[0]
    if kind in {"text/html", "image/svg+xml", "application/xhtml+xml", ""}:
        found = Brought(body.decode("utf-8", "replace")).offences
    elif answer.headers.get("X-Content-Type-Options") != "nosniff":
        found = [f"{kind} without nosniff"]
    else:
        found = []
    if trigger := answer.headers.get("HX-Trigger"):
        json.loads(trigger)
    return found
