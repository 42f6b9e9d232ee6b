"""Comments are written in Markdown and shown as harmless HTML."""

from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache
from typing import Any

import nh3
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

MARK = "@"  # before the name of who is mentioned
# After these, a mark belongs to an address of mail or the web.
INSIDE = frozenset("./@-+:\\")


def small(text: str) -> str:
    """Return the text in small letters, each of which takes the place of one, by which it is found.

    A few letters have no single small one, as the Turkish dotted I: they stay as they are.
    """
    return "".join(low if len(low := letter.lower()) == 1 else letter for letter in text)


def _mention(state: StateInline, silent: bool) -> bool:
    """Take a mark and a known name for a mention; code and addresses never come here."""
    names = state.env.get("names")
    if not names or state.src[state.pos] != MARK:
        return False
    before = state.src[state.pos - 1 : state.pos]
    if before and (before.isalnum() or before in INSIDE):
        return False
    start = state.pos + 1
    for name in names:  # longest first
        end = start + len(name)
        after = state.src[end : end + 1]
        if small(state.src[start:end]) == name and not (after.isalnum() or after == "_"):
            break
    else:
        return False
    if not silent:
        token = state.push("mention", "span", 0)
        token.content, token.meta = state.src[start:end], {"name": name}
    state.pos = end
    return True


def _drawn_mention(
    self: Any, tokens: Sequence[Token], index: int, options: Any, env: dict[str, Any]
) -> str:
    return f'<span class="mention">{MARK}{escape(env["names"][tokens[index].meta["name"]])}</span>'


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
_PARSER.inline.ruler.push("mention", _mention)
_PARSER.add_render_rule("mention", _drawn_mention)

_TAGS = {
    "a", "blockquote", "br", "code", "del", "em", "hr", "li", "ol", "p", "pre", "s", "span",
    "strong", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip


@lru_cache(maxsize=4096)
def render(text: str, named: tuple[tuple[str, str], ...] = ()) -> SafeString:
    """Return the text as HTML in which nothing runs, loads, or leads anywhere but http and mailto.

    Parsed as CommonMark with line breaks kept, tables and bare links, without raw HTML and images;
    then cleaned once more by nh3's allow-list, so that a flaw in the parser does no harm. `named`
    are the mentions in it: the name as typed, in small letters, and the one to show.
    """
    html = nh3.clean(
        _PARSER.render(text, {"names": dict(sorted(named, key=_longest))}),
        tags=_TAGS,
        attributes={"a": {"href"}, "ol": {"start"}},
        allowed_classes={"span": {"mention"}},
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel="noopener noreferrer nofollow",
    )
    return mark_safe(html)  # noqa: S308 - cleaned on the line above


def named_in(text: str, names: Collection[str]) -> list[str]:
    """Return which of these names, in small letters, a text mentions, each once."""
    env = {"names": dict.fromkeys(sorted(names, key=len, reverse=True), "")}
    tokens = _all(_PARSER.parse(text, env))
    return list(dict.fromkeys(each.meta["name"] for each in tokens if each.type == "mention"))


def _longest(pair: tuple[str, str]) -> int:
    return -len(pair[0])


def _all(tokens: Iterable[Token]) -> Iterable[Token]:
    for token in tokens:
        yield token
        yield from token.children or ()
