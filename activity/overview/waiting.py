"""What waits for somebody, in sections: each with its first rows, and where to act on each."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from activity.catalogue import LIVING
from activity.models import ActivityEvent
from contacts import attention

SHOWN = 5  # rows of a section
MOST = 100  # where one is looked at by itself


@dataclass(frozen=True)
class Kind:
    """Something that can wait: `find` returns it for a user, `right` is who can act on it.

    `about` is the column with the id of the thing that stands on a timeline.
    """

    name: str
    label: str | Promise
    icon: str
    find: Callable[[Any], Any]
    right: str = "contacts.view_contact"
    about: Sequence[str] = ()


KINDS = (
    Kind(
        "mails",
        _("Mails that did not arrive"),
        "triangle-alert",
        attention.troubled_mails,
        about=("message_id", "invitation_id", "share_id"),
    ),
    Kind("messages", _("Unanswered messages"), "reply", attention.unanswered, about=("pk",)),
    Kind(
        "invitations",
        _("Invitations that end soon"),
        "hourglass",
        attention.ending_invitations,
        about=("pk",),
    ),
    Kind(
        "imports",
        _("Imports not started"),
        "file-up",
        attention.open_imports,
        "contacts.import_contacts",
    ),
    Kind(
        "bulk",
        _("Bulk actions not started"),
        "list-checks",
        attention.open_bulk_actions,
        "contacts.act_in_bulk",
    ),
)


@dataclass(frozen=True)
class Section:
    """What waits of one kind. `has_more` than these rows."""

    kind: Kind
    rows: list[Any]
    has_more: bool

    @property
    def template(self) -> str:
        """Return the template that draws one of its rows."""
        return f"activity/overview/_{self.kind.name}.html"

    @property
    def count(self) -> str:
        """Return how many there are, as far as they were looked for."""
        return f"{len(self.rows)}+" if self.has_more else str(len(self.rows))


def waiting(viewer: Any, *, whose: Any, only: str = "") -> list[Section]:
    """Return what waits for `whose`, None for the whole team, as far as the viewer may act on it.

    `only` names a kind of which all is shown. One query for each kind, and one more.
    """
    sections = []
    for kind in KINDS:
        if viewer.has_perm(kind.right) and only in ("", kind.name):
            most = MOST if only else SHOWN
            rows = list(kind.find(whose)[: most + 1])
            sections.append(Section(kind, rows[:most], has_more=len(rows) > most))
    _link(sections)
    return [section for section in sections if section.rows]


def _link(sections: Sequence[Section]) -> None:
    """Give each row the `entry` of the timeline where its thing stands, None where it has none."""
    things = {
        (section.kind.name, row.pk): next(filter(None, (getattr(row, n) for n in names)))
        for section in sections
        if (names := section.kind.about)
        for row in section.rows
    }
    rows = ActivityEvent.objects.filter(object_id__in=set(things.values()), verb__in=LIVING)
    entries = dict(rows.order_by().values_list("object_id", "id")) if things else {}
    for section in sections:
        for row in section.rows:
            row.entry = entries.get(things.get((section.kind.name, row.pk)))
