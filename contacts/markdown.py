"""Comments are written in Markdown and shown as harmless HTML."""

from functools import lru_cache

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

# No headings, which would disturb the outline of the page, and no images, which would call home.
# What is quoted deeper than maxNesting is left out: a long exchange of mails must fit.
_PARSER = (
    MarkdownIt(
        "commonmark",
        {"html": False, "linkify": True, "breaks": True, "typographer": False, "maxNesting": 40},
    )
    .enable(["linkify", "strikethrough", "table"])
    .disable(["image", "heading", "lheading"])
)

_TAGS = {
    "a", "blockquote", "br", "code", "del", "em", "hr", "li", "ol", "p", "pre", "s", "strong",
    "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip


@lru_cache(maxsize=4096)
def render(text: str) -> SafeString:
    """Return the text as HTML in which nothing runs, loads, or leads anywhere but http and mailto.

    Parsed as CommonMark with line breaks kept, tables and bare links, without raw HTML and images;
    then cleaned once more by nh3's allow-list, so that a flaw in the parser does no harm.
    """
    html = nh3.clean(
        _PARSER.render(text),
        tags=_TAGS,
        attributes={"a": {"href"}, "ol": {"start"}},
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel="noopener noreferrer nofollow",
    )
    return mark_safe(html)  # noqa: S308 - cleaned on the line above
