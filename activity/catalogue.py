"""Everything that can happen, in one place.

To add a kind: one `Kind(...)` line below and one template, `templates/activity/kinds/<verb>.html`.
Writing an event of a verb that is not listed raises; reading one draws a generic row.
"""

from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Kind:
    """One kind of event.

    `group` is who mostly causes it: people, outreach, change or system. `words` says it in a list;
    it may use %(actor)s and %(fields)s. `tone` colours the icon ("ok", "warn", "bad", "info").
    `on_row`: a living row shows it (a comment says that it was edited), so that the timeline gives
    it no line of its own. `example` is a payload that its template must be able to draw.
    """

    verb: str
    label: str | Promise
    icon: str
    group: str
    words: str | Promise
    tone: str = ""
    on_row: bool = False
    example: dict[str, Any] = field(default_factory=dict)


_PHONE = {
    "field": "phones",
    "label": "Phone",
    "draw": "list",
    "old": ["+44 20 7946 0018"],
    "new": ["+44 20 7946 0142"],
}
_BODY = {
    "field": "body",
    "label": "Comment",
    "draw": "long",
    "old": None,
    "new": "Call back on 9th",
}

KINDS = (
    Kind(
        "contact.created",
        _("Created"),
        "plus",
        "system",
        _("Contact created"),
        example={"name": "Amara Okonkwo", "changes": []},
    ),
    Kind(
        "contact.imported",
        _("Imported"),
        "file-up",
        "system",
        _("Imported"),
        example={"name": "Amara Okonkwo", "file": "spring-expo.csv", "line": 214, "changes": []},
    ),
    Kind(
        "contact.updated",
        _("Field changes"),
        "pencil",
        "change",
        _("Changed: %(fields)s"),
        example={"changes": [_PHONE]},
    ),
    Kind(
        "contact.archived",
        _("Archived"),
        "archive",
        "people",
        _("Archived"),
        example={"reason": "Paused until the Q4 budget round.", "changes": []},
    ),
    Kind(
        "contact.restored",
        _("Restored"),
        "archive-restore",
        "people",
        _("Restored"),
        example={"reason": "Budget approved.", "changes": []},
    ),
    Kind(
        "contact.deleted",
        _("Deleted"),
        "trash-2",
        "people",
        _("Contact deleted"),
        tone="bad",
        example={"reason": "Asked to be forgotten.", "counts": {"comments": 3}},
    ),
    Kind(
        "comment.added",
        _("Comments"),
        "message-square",
        "people",
        _("Comment by %(actor)s"),
        example={"changes": [_BODY]},
    ),
    Kind(
        "comment.edited",
        _("Comment edited"),
        "pencil",
        "people",
        _("Comment edited by %(actor)s"),
        on_row=True,
        example={"changes": [_BODY | {"old": "Call back"}]},
    ),
    Kind(
        "comment.deleted",
        _("Comment deleted"),
        "trash-2",
        "people",
        _("Comment deleted by %(actor)s"),
        on_row=True,
        example={"changes": []},
    ),
    Kind(
        "import.finished",
        _("Import finished"),
        "file-up",
        "system",
        _("Import finished"),
        example={"file": "spring-expo.csv", "created": 186, "skipped": 9, "failed": 4},
    ),
    Kind(
        "privacy.erased",
        _("Personal data erased"),
        "eraser",
        "system",
        _("Personal data erased"),
        example={"events": 31},
    ),
)

CATALOGUE: dict[str, Kind] = {}
for _kind in KINDS:
    if _kind.verb in CATALOGUE:
        raise ValueError(f"{_kind.verb} is listed twice in the catalogue of kinds")
    CATALOGUE[_kind.verb] = _kind

GROUPS = {
    "people": frozenset(k.verb for k in KINDS if k.group in {"people", "outreach"}),
    "changes": frozenset(k.verb for k in KINDS if k.group == "change"),
}
ON_ROW = frozenset(k.verb for k in KINDS if k.on_row)


def kind_of(verb: str) -> Kind:
    """Return the kind of that verb; for one that is not listed, a generic one."""
    return CATALOGUE.get(verb) or Kind(verb, verb, "circle-dot", "system", verb.replace("%", "%%"))
