"""Comments in Markdown: what people write looks right, what attackers write does nothing."""

import re

import pytest

from contacts.markdown import render

HARMFUL = [
    "[a](javascript:alert(1))",
    "[a](JaVaScRiPt:alert(1))",
    "[a](java\tscript:alert(1))",
    "[a](&#106;avascript:alert(1))",
    "[a](javascript&colon;alert(1))",
    "[a](\x01javascript:alert(1))",
    "[a](vbscript:msgbox)",
    "[a](data:text/html;base64,PHNjcmlwdD4=)",
    "[a](file:///etc/passwd)",
    "[a]: javascript:alert(1)\n\n[a]",
    "<javascript:alert(1)>",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<a href='https://x.example' onclick='alert(1)'>x</a>",
    "<iframe src=//evil.example></iframe>",
    "<style>*{display:none}</style>",
    "<form action=/contacts/><button>x</button></form>",
    "<!-- --><script>alert(1)</script>",
    "<details open ontoggle=alert(1)>",
    "![x](http://10.0.0.1/internal.png)",
    "![x](https://tracker.example/pixel.gif)",
    '[a](https://x.example "onmouseover=alert(1) \\"><script>")',
    "`<script>alert(1)</script>`",
    "```html\n<script>alert(1)</script>\n```",
    "```\nunclosed <script>alert(1)</script>",
    '<p hx-get="/logout" hx-trigger="load">x</p>',
]
TAG = re.compile(r"<\s*/?\s*([a-zA-Z][\w-]*)([^>]*)>")
SAFE_TAGS = {
    "a", "blockquote", "br", "code", "del", "em", "hr", "li", "ol", "p", "pre", "s", "strong",
    "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip


def tags(html: str) -> list[tuple[str, str]]:
    return TAG.findall(html)


@pytest.mark.parametrize("text", HARMFUL)
def test_nothing_runs_loads_or_leads_astray(text: str) -> None:
    for name, attributes in tags(render(text)):
        assert name in SAFE_TAGS
        for attribute, value in re.findall(r'([\w-]+)="([^"]*)"', attributes):
            assert attribute in {"href", "rel", "start", "title"}
            if attribute == "href":
                assert re.match(r"(https?://|mailto:|tel:)", value)


@pytest.mark.parametrize("text", HARMFUL)
def test_what_an_attacker_wrote_can_still_be_read(text: str) -> None:
    assert render(text).strip()


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("**bold** and *em*", "<p><strong>bold</strong> and <em>em</em></p>"),
        ("one\ntwo", "<p>one<br>\ntwo</p>"),
        ("~~gone~~", "<p><s>gone</s></p>"),
        ("> a\n>> b", "<blockquote>\n<p>a</p>\n<blockquote>\n<p>b</p>"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
        ("3. a", '<ol start="3">'),
        ("`x < y`", "<code>x &lt; y</code>"),
        ("```\nunclosed", "<pre><code>unclosed"),
        ("| a | b |\n|---|---|\n| 1 | 2 |", "<td>1</td>"),
        ("# No heading", "<p># No heading</p>"),
        ("5 < 6 & 7 > 3", "<p>5 &lt; 6 &amp; 7 &gt; 3</p>"),
        ('O\'Brien "said"', '<p>O\'Brien "said"</p>'),
    ],
)
def test_markdown_reads_as_people_expect(text: str, html: str) -> None:
    assert html in render(text)


@pytest.mark.parametrize(
    ("text", "href"),
    [
        ("see https://example.org/a_b?c=d&e=f.", "https://example.org/a_b?c=d&amp;e=f"),
        ("www.example.org", "http://www.example.org"),
        ("amara@example.org", "mailto:amara@example.org"),
        ("<https://example.org>", "https://example.org"),
        ("[a](https://example.org)", "https://example.org"),
        ("[a](mailto:x@y.example)", "mailto:x@y.example"),
        ("[a](tel:+442079460142)", "tel:+442079460142"),
    ],
)
def test_links_work_and_tell_nobody_where_they_were_clicked(text: str, href: str) -> None:
    html = render(text)
    assert f'href="{href}"' in html
    assert 'rel="noopener noreferrer nofollow"' in html


def test_a_link_may_lead_to_another_of_our_pages() -> None:
    assert 'href="/contacts/"' in render("[All contacts](/contacts/)")


@pytest.mark.parametrize(
    "text",
    ["x" * 5000, ">" * 5000 + "a", "[" * 5000, "a**b" * 1250, "`" * 4999, "- " * 2500 + "a", "👍"],
    ids=["word", "quotes", "brackets", "stars", "ticks", "lists", "emoji"],
)
def test_extremes_are_drawn_all_the_same(text: str) -> None:
    found = tags(render(text))
    assert found
    assert all(name in SAFE_TAGS for name, _ in found)


def test_a_long_exchange_of_mails_is_shown_to_its_beginning() -> None:
    mail = "\n\n".join(f"{'>' * depth} level {depth}" for depth in range(1, 31))
    html = render(mail)
    assert "level 30" in html
    assert html.count("<blockquote>") == html.count("</blockquote>") == 30 * 31 / 2
