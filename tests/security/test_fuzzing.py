"""What a program makes up: forms, importers, cursors, Markdown, vCards, mails.

The suite tries a few examples of each; more of them by

    FUZZ_EXAMPLES=10000 .venv/bin/python -m pytest tests/security/test_fuzzing.py
"""

import email
import io
import os
from email import policy
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode

import nh3
import pytest
from django.http import QueryDict
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from activity.filters import Filters
from activity.history import record
from activity.history.filters import RecordFilters
from activity.log.filters import LogFilters
from activity.log.paging import LogPage
from activity.models import ActivityEvent
from contacts import markdown, vcard
from contacts.filtering import ORDERS, ContactFilter
from contacts.forms.acting import CommentForm, ReasonForm
from contacts.forms.contact import ContactForm
from contacts.forms.inviting import InvitationForm
from contacts.forms.messaging import MessageForm
from contacts.forms.sharing import ShareForm
from contacts.forms.viewing import SavedViewForm
from contacts.importing import cards
from contacts.importing.cleaning import BadRecord, contact_values
from contacts.importing.inspection import inspect
from contacts.importing.text import UnreadableFile
from contacts.incoming_mail import LONGEST_TEXT, IncomingMail
from contacts.letters import _sender
from contacts.models import Contact, SavedView
from tests.builders import make_contact, make_user
from tests.security.corpus import CORPUS, RUNS
from tests.security.garbage import GARBAGE

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "40"))
fuzzed = settings(
    max_examples=EXAMPLES,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
# Without halves of surrogate pairs: neither Django nor PostgreSQL hands any on.
letters = st.characters(exclude_categories=["Cs"])
texts = st.text(letters, max_size=200) | st.sampled_from(
    [text[:300] for text in (*CORPUS, *GARBAGE) if "\ud800" not in text]
)
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
        allowed = {"a": {"href", "rel", "title"}, "ol": {"start"}, "span": {"class"}}.get(
            tag, set()
        )
        assert set(attributes) <= allowed
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


CSV = [
    ",",
    ";",
    "\t",
    '"',
    "\n",
    "\r\n",
    "\r",
    "a",
    "Name",
    "Email",
    "@",
    "x@y.z",
    "\x00",
    "=",
    " ",
]
CARD = [
    *("BEGIN:VCARD\n", "END:VCARD\n", "VERSION:3.0\n", "N:", "FN:", "EMAIL;TYPE=", "TEL:", ";"),
    *(
        "\n ",
        "=\n",
        "=3D",
        ";ENCODING=QUOTED-PRINTABLE:",
        ";CHARSET=utf-8",
        ";CHARSET=undefined",
        ";PREF=",
        "\\n",
        "\\",
        '"',
        "a",
    ),
    *("NOTE:", ":", "\n", "item1.", "PHOTO;ENCODING=b:", "AAAA", "ORG:", "ADR:;;", "CATEGORIES:"),
]
files = (
    st.binary(max_size=400)
    | st.lists(st.sampled_from(CSV), max_size=80).map("".join).map(str.encode)
    | st.lists(st.sampled_from(CARD), max_size=60).map("".join).map(str.encode)
    | st.lists(st.sampled_from(CARD), max_size=40).map(
        lambda parts: "".join(parts).encode("utf-16")
    )
)


@fuzzed
@given(files)
def test_a_file_is_read_or_refused_in_words(content: bytes) -> None:
    file = io.BytesIO(content)
    try:
        layout = inspect(file)
        file.seek(0)
        records = list(layout.records(file))
    except UnreadableFile as problem:
        assert str(problem)
        return
    for each in records:
        try:
            contact_values(each)
        except BadRecord as problem:
            assert problem.reason


MAIL = [
    *(
        "From: ",
        "To: ",
        "Subject: ",
        "Content-Type: ",
        "text/plain",
        "text/html",
        "multipart/mixed",
    ),
    *("; boundary=x", '; charset="utf-8"', "; charset=nonsense", "\r\n", "\n", "\n\n", "--x\n"),
    *(
        "--x--\n",
        "Content-Transfer-Encoding: ",
        "base64",
        "quoted-printable",
        "=?utf-8?q?=00?=",
        "a",
    ),
    *("=?x?b?AAA?=", "Content-Disposition: attachment; filename=", "message/rfc822", "> ", "<b>"),
    *("Message-ID: <a@b>", "Auto-Submitted: auto", "\x00", "\xff", "On Monday X wrote:\n", "é"),
]
mails = st.binary(max_size=300) | st.lists(st.sampled_from(MAIL), max_size=50).map("".join).map(
    lambda text: text.encode("utf-8", "surrogateescape")
)


@fuzzed
@given(mails)
def test_a_mail_that_comes_in_is_always_a_text(content: bytes) -> None:
    for rules in (policy.default, policy.compat32):
        mail = IncomingMail(email.message_from_bytes(content, policy=rules))
        told = [mail.body, mail.quoted, mail.subject, mail.mail_id, mail.envelope_recipient]
        assert len(mail.body) <= LONGEST_TEXT
        assert "\x00" not in "".join(told)
        "".join(told).encode()
        assert mail.is_automatic in {True, False}
        assert all(file.name.isprintable() for file in mail.files)


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


queries = st.dictionaries(
    st.sampled_from(
        ["q", "tag", "owner", "sort", "status", "kind", "group", "actor", "from", "to", "source"]
    ),
    texts.map(lambda text: text.encode("utf-8", "replace").decode()),
)


@pytest.mark.django_db
def test_whatever_is_asked_for_is_a_query() -> None:
    ada, amara = make_user(name="Ada"), make_contact()

    @fuzzed
    @given(queries)
    def tried(asked: dict[str, str]) -> None:
        query = QueryDict(urlencode(asked))
        list(ContactFilter.of(query, ()).contacts()[:1])
        list(Filters.read(query).apply(ActivityEvent.objects.of(amara.pk))[:1])
        list(record.wanted(amara, RecordFilters.asked(query, ada))[:1])
        LogPage.read(LogFilters.read(query, ada), before=None, after=None)

    tried()


forms_data = st.dictionaries(
    st.sampled_from(
        [
            *("given_name", "family_name", "organisation", "email", "phone", "website", "tag"),
            *("tags", "notes", "owner", "version", "id", "body", "subject", "reply", "edit"),
            *("address", "to", "note", "fields", "link_days", "with_card", "files", "role", "name"),
            *("reason", "shared", "previewed", "save_email", "emails", "phones", "country"),
        ]
    ),
    st.lists(texts, max_size=3),
    max_size=12,
)


@pytest.mark.django_db
def test_every_form_says_what_is_wrong_or_gives_what_can_be_kept() -> None:
    mia, amara = make_user(name="Mia"), make_contact(emails=["amara@calder.example"])

    @fuzzed
    @given(forms_data)
    def tried(typed: dict[str, list[str]]) -> None:
        data: Any = QueryDict(mutable=True)
        for name, values in typed.items():
            data.setlist(name, values)
        for form in (
            ContactForm(data, instance=Contact()),
            CommentForm(data),
            ReasonForm(data),
            MessageForm(data, contact=amara),
            InvitationForm(data),
            ShareForm(data, contact=amara),
            SavedViewForm(data, instance=SavedView(owner=mia), user=mia),
        ):
            if form.is_valid():
                assert "\x00" not in repr(form.cleaned_data).replace("\\\\", "")
                assert "\\x00" not in repr(form.cleaned_data)
            else:
                assert str(form.errors)

    tried()
