"""What the palette finds: pages by their name, contacts by the list's search."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from contacts.filtering import ContactFilter
from contacts.models import Contact, ContactQuerySet, SavedView

CONTACTS_MAX = 8  # more is what the list is for
VIEWS_MAX = 8
VIEWS = "contacts.view_contact"


@dataclass(frozen=True)
class Page:
    """A page that can be gone to: `name` of its address, and the letter that follows "g"."""

    name: str
    label: str | Promise
    icon: str
    key: str = ""
    permission: str = VIEWS


PAGES = (
    Page("home", _("Overview"), "layout-dashboard", "o"),
    Page("contacts", _("Contacts"), "users", "c"),
    Page("inbox", _("Inbox"), "inbox", "n"),
    Page("activity_log", _("Activity log"), "scroll-text", "l"),
    Page("imports", _("Imports"), "file-up", "i", "contacts.import_contacts"),
    Page("contact_duplicates", _("Duplicates"), "merge", "d", "contacts.merge_contacts"),
    Page("preferences", _("Preferences"), "settings", "p"),
    Page("help", _("Help"), "circle-question-mark", "h"),
    Page("admin:index", _("Administration"), "shield", "a", "accounts.access_admin"),
    Page("contact_new", _("New contact"), "plus", permission="contacts.add_contact"),
    Page("import_new", _("Import contacts"), "file-up", permission="contacts.import_contacts"),
    Page("bulk_runs", _("Bulk actions so far"), "list-checks", permission="contacts.act_in_bulk"),
    Page("keys", _("Keyboard shortcuts"), "keyboard"),
)


def pages(user: Any, words: str = "") -> list[Page]:
    """Return the pages that the user may see and whose names hold all words, or their beginning."""
    asked = _folded(words)
    return [
        page
        for page in PAGES
        if user.has_perm(page.permission) and begin(asked, _folded(str(page.label)))
    ]


def views(user: Any, words: str = "") -> list[SavedView]:
    """Return the saved views that the user may see and whose names fit the words as pages' do."""
    asked = _folded(words)
    found = SavedView.objects.for_user(user)
    return [view for view in found if begin(asked, _folded(view.name))][:VIEWS_MAX]


def contacts(words: str) -> list[Contact]:
    """Return the contacts that the list would show first for these words, archived ones, too."""
    asked = ContactFilter(q=words, status="all")
    return asked.matches(_drawn).take(CONTACTS_MAX, asked.order, None)


def begin(asked: Iterable[str], words: list[str]) -> bool:
    """Tell whether each word that is asked for begins one of the words."""
    return all(any(word.startswith(each) for word in words) for each in asked)


def _drawn(rows: ContactQuerySet) -> ContactQuerySet:
    return rows.defer("search", "notes")


def _folded(text: str) -> list[str]:
    """Return the words of a text without case and accents."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in plain if not unicodedata.combining(letter)).split()
