"""Texts that a program makes up: Markdown, vCards, senders, cursors."""

import email
import io
from html.parser import HTMLParser

import nh3
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from contacts import markdown, vcard
from contacts.filtering import ORDERS
from contacts.importing import cards
from contacts.letters import _sender
from contacts.models import Contact
from tests.security.corpus import CORPUS, RUNS
from tests.security.fuzzing.examples import fuzzed, letters, texts

PIECES = [
    *("[", "]", "(", ")", "!", "<", ">", "*", "_", "`", "~", "#", "|", "-", "+", ":", "\\", "&"),
    *("\n", "\n\n", "    ", "1. ", "> ", "```", "~~~", "a", "b ", "http://a.example", "www.a.b"),
    *("javascript:", "data:", "<script>", "</p>", "onx=", '"', "'", "&lt;", "&#x6a;", "@mia"),
]
markdowns = st.lists(st.sampled_from([*PIECES, *CORPUS]), max_size=40).map("".join) | texts
HARMLESS = {"a": {"href", "rel", "title"}, "ol": {"start"}, "span": {"class"}}


class Tags(HTMLParser):
    """Collects elements and their attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect one."""
        self.found.append((tag, dict(attrs)))


def cleaned(html: str) -> str:
    return nh3.clean(
        html, tags=markdown._TAGS, attributes={"a": {"href"}, "ol": {"start"}},
        allowed_classes={"span": {"mention"}}, url_schemes={"http", "https", "mailto", "tel"},
        link_rel="noopener noreferrer nofollow",
    )  # fmt: skip


@fuzzed
@given(markdowns, st.lists(texts.map(markdown.small), max_size=3))
def test_markdown_gives_harmless_elements_and_nothing_else(text: str, names: list[str]) -> None:
    html = markdown.render(text, tuple((name, name) for name in names if name))
    for tag, attributes in Tags(html).found:
        assert tag in markdown._TAGS
        assert set(attributes) <= HARMLESS.get(tag, set())
        assert not RUNS.match((attributes.get("href") or "").strip())
    assert cleaned(html) == html


lines = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1, max_size=80
).map(lambda text: " ".join(text.split()) or "a")


@fuzzed
@given(lines, lines, lines, st.text(st.characters(exclude_categories=["Cs"]), max_size=300))
def test_a_vcard_is_read_as_it_was_written(
    given_name: str, family_name: str, organisation: str, notes: str
) -> None:
    notes = "".join(each for each in notes if each.isprintable() or each == "\n").strip()
    contact = Contact(
        given_name=given_name, family_name=family_name, organisation=organisation, notes=notes
    )
    written = vcard.write(contact)
    [card] = cards.read(io.StringIO(written))
    [name], [company] = card.all("N"), card.all("ORG")
    fields = name.fields(" ")
    assert fields[:2] == [family_name.strip(), given_name.strip()]
    assert company.fields(" ")[:1] == [organisation.strip()] or not organisation.strip()
    if notes:
        assert card.all("NOTE")[0].text.strip() == notes


@fuzzed
@given(texts, texts)
def test_a_sender_is_one_line_that_names_our_address(name: str, mail: str) -> None:
    header = _sender(User(name=name, email=mail))
    assert header.isprintable()
    [[_shown, address]] = email.utils.getaddresses([header])
    assert address == "annals@localhost"


@fuzzed
@given(texts, st.integers(0, 400), letters)
def test_a_cursor_that_was_tampered_with_means_nothing(text: str, at: int, letter: str) -> None:
    contact = Contact(sort_name="amara", last_activity_at=None)
    for order in ORDERS.values():
        assert order.place(text) is None
        cursor = order.cursor(contact, "after")
        tampered = cursor[: at % len(cursor)] + letter + cursor[at % len(cursor) + 1 :]
        assert order.place(cursor) is not None
        assert order.place(tampered) is None or tampered == cursor
        others = [other for other in ORDERS.values() if other is not order]
        assert all(other.place(cursor) is None for other in others)
