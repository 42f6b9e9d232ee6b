"""Rules that hold for every page, template and module, also for those not written yet."""

import ast
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from uuid import UUID

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from activity.models import ActivityEvent
from tests.addresses import addresses
from tests.builders import make_user
from tests.security.declared import entries

ROOT = settings.BASE_DIR
APPS = ("accounts", "activity", "config", "contacts")
TEMPLATES = sorted((ROOT / "templates").rglob("*.*"))
# What a form is put together from; no answer consists of it.
PARTS = {"_filter_kept.html", "_notes.html", "_tags_input.html"}
FRAGMENTS = [
    path for path in TEMPLATES if re.fullmatch(r"_.*\.html", path.name) and path.name not in PARTS
]
# All but mails, which bring their style along: mail programs fetch none.
PAGES = [path for path in TEMPLATES if path.parent != ROOT / "templates" / "mail"]
MODULES = [path for app in APPS for path in sorted((ROOT / app).rglob("*.py"))]

DECLARED = entries()
# What anybody may open; everything else asks for a sign-in first.
PUBLIC = {each.address.name for each in DECLARED if each.who in {"everyone", "holder"}}
# What only answers to a form; a link or a mail scanner that follows it gets 405.
ACTIONS = {each.address.name for each in DECLARED if each.methods == ("POST",)}
# Pages of the whole log: that an administrator looked at it is an event itself.
LOG = {"activity_event", "activity_log"}
WRITES = re.compile(r"\b(INSERT INTO|UPDATE \S+ SET|DELETE FROM)\b")
ANY = {
    "uuid": UUID("0190a000-0000-7000-8000-000000000000"),
    "int": 1,
    "slug": "some",
    "str": "some",
    "path": "some",
}


def some(_before: str, kind: str, _name: str) -> object:
    """Return a value for a parameter; nothing of that id is there."""
    return kind.split("|", maxsplit=1)[0] if "|" in kind else ANY[kind]


ADDRESSES = [(address.name, address.filled(some)) for address in addresses()]


def test_the_walk_sees_every_part() -> None:
    names = {name for name, _path in ADDRESSES}
    assert {"contacts", "contact", "preferences", "admin:index"} <= names
    assert {"account_login", "shared"} <= PUBLIC
    assert {"contact_archive", "contact_messages"} <= ACTIONS


def asks_for_sign_in(answer: HttpResponse) -> bool:
    """Tell whether an answer leads to the sign-in page, and back afterwards."""
    return answer.status_code == 302 and answer.url.startswith("/accounts/login/?next=/")


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["get", "post"])
def test_everything_that_is_not_public_asks_for_a_sign_in(client: Client, method: str) -> None:
    open_to_all = {
        name for name, path in ADDRESSES if not asks_for_sign_in(getattr(client, method)(path))
    }
    assert open_to_all == PUBLIC


@pytest.mark.django_db
def test_an_action_does_not_answer_to_a_link(client: Client) -> None:
    client.force_login(make_user(name="Ada"))
    answers = {name: client.get(path).status_code for name, path in ADDRESSES if name in ACTIONS}
    assert answers == dict.fromkeys(ACTIONS, 405)


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "path"), ADDRESSES)
def test_opening_a_page_changes_nothing_and_never_fails(
    client: Client, name: str, path: str
) -> None:
    client.force_login(make_user(name="Ada"))
    client.raise_request_exception = False
    before = set(ActivityEvent.objects.values_list("pk", flat=True))
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(path)
    assert answer.status_code < 500 or name == "ready"
    writes = [q["sql"] for q in queries if WRITES.search(q["sql"])]
    noted = ("django_session", "activity_event") if name in LOG else ("django_session",)
    assert not [sql for sql in writes if not any(note in sql for note in noted)]
    events = ActivityEvent.objects.exclude(pk__in=before).values_list("verb", flat=True)
    assert set(events) <= ({"log.viewed"} if name in LOG else set())


@pytest.mark.parametrize("template", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_template_needs_a_looser_content_security_policy(template: Path) -> None:
    text = re.sub(r"{#.*?#}", "", template.read_text())
    assert not re.search(r"\sstyle\s*=", text), "an inline style"
    assert not re.search(r"\son[a-z]+\s*=", text), "an event handler"
    assert not re.search(r"\shx-on\b", text), "an event handler of htmx"
    assert not re.search(r"\shx-trigger\s*=\s*[\"'][^\"']*\[", text), "a filter that needs eval"
    runs = r"<script(?![^>]*\s(src=|type=.application/json.))"  # and not one that is data
    assert not re.search(rf"<style|{runs}|javascript:", text), "an inline script"


class Roots(HTMLParser):
    """Counts the elements of a fragment that stand in no other."""

    VOID = frozenset({"br", "hr", "img", "input", "link", "meta", "source", "wbr"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.depth = self.roots = 0
        self.outside = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        """Go down, unless the element cannot hold anything."""
        self.roots += self.depth == 0
        self.depth += tag not in self.VOID

    def handle_startendtag(self, tag: str, attrs: object) -> None:
        """Stay where we are."""
        self.roots += self.depth == 0

    def handle_endtag(self, tag: str) -> None:
        """Go up."""
        self.depth -= tag not in self.VOID

    def handle_data(self, data: str) -> None:
        """Collect the text that stands in no element."""
        if not self.depth:
            self.outside += data.strip()


def rendered(text: str, branch: int) -> str:
    """Return a template's HTML where each `if` takes its branch of that number, or its last one."""
    kept, open_ifs = [""], []
    for token in re.split(r"({%.*?%})", text, flags=re.S):
        tag = re.match(r"{%-?\s*(\w+)", token)
        word = tag[1] if tag else ""
        if word == "if":
            open_ifs.append([""])
        elif word in {"elif", "else"} and open_ifs:
            open_ifs[-1].append("")
        elif word == "endif":
            branches = open_ifs.pop()
            (open_ifs[-1] if open_ifs else kept)[-1] += branches[min(branch, len(branches) - 1)]
        elif not tag:
            (open_ifs[-1] if open_ifs else kept)[-1] += re.sub(r"{{.*?}}", "", token, flags=re.S)
    return kept[0]


@pytest.mark.parametrize("template", FRAGMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_fragment_has_one_root_element(template: Path) -> None:
    text = re.sub(
        r"{%\s*comment.*?endcomment\s*%}|{%\s*blocktranslate.*?endblocktranslate\s*%}|{#.*?#}",
        "",
        template.read_text(),
        flags=re.S,
    )
    for branch in range(3):
        parsed = Roots(rendered(text, branch))
        assert parsed.roots <= 1
        assert not parsed.outside


def imported(module: Path) -> Iterator[str]:
    """Yield the names of all modules that a module imports, wherever in it."""
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


@pytest.mark.parametrize(
    ("app", "above"),
    [
        ("accounts", {"contacts", "activity", "config"}),
        ("contacts", {"activity", "config"}),
        ("activity", {"config"}),
    ],
)
def test_imports_run_one_way(app: str, above: set[str]) -> None:
    wrong = [
        f"{module.relative_to(ROOT)} imports {name}"
        for module in sorted((ROOT / app).rglob("*.py"))
        for name in imported(module)
        if name.partition(".")[0] in above
    ]
    assert not wrong


def test_no_module_is_too_long_to_be_read_in_one_go() -> None:
    lengths = {
        str(module.relative_to(ROOT)): len(module.read_text().splitlines())
        for module in MODULES
        if "migrations" not in module.parts
    }
    assert not {name: length for name, length in lengths.items() if length > 250}


@pytest.mark.django_db
def test_the_migrations_make_what_the_models_say() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
