"""What the log says of an export: who took what out of it, and the fingerprint of the file."""

from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.utils.translation import gettext as _
from django.utils.translation import override

from activity.log.filters import GROUPS, LABELS, SOURCES, LogFilters
from activity.models import ActivityExport
from activity.recording import Draft
from contacts.models import Contact


def draft_of_export(export: ActivityExport, filters: LogFilters) -> Draft:
    """Return the event of a finished export."""
    payload = told(export.format, filters, export.done, export.sha256)
    return Draft("export.created", "export", export.pk, None, payload)


def told(file_format: str, filters: LogFilters, events: int, sha256: str) -> dict[str, Any]:
    """Return what is recorded of an export, in English, whoever made it.

    What was searched for is not: it may name somebody, and this event belongs to no contact, with
    whom it would be erased.
    """
    with override(settings.LANGUAGE_CODE):
        asked = in_words(filters)
    return {
        "format": file_format,
        "events": events,
        "filters": asked,
        "sha256": sha256,
        "complete": filters.sees_private,
    }


def in_words(filters: LogFilters, *, wholly: bool = False) -> str:
    """Return what was asked for as people say it; empty for everything.

    Unless `wholly`, it names no contact and does not repeat what was searched for.
    """
    groups = [str(label) for name, (label, _kinds) in GROUPS.items() if name in filters.groups]
    kinds = [str(label) for verb, label in LABELS.items() if verb in filters.kinds]
    said = [
        (groups or kinds) and _("kinds: %(kinds)s") % {"kinds": ", ".join(groups + kinds)},
        filters.actor and _("by %(who)s") % {"who": _person(filters.actor)},
        filters.contact and _contact(filters.contact, wholly),
        filters.since and _("from %(date)s") % {"date": filters.since.isoformat()},
        filters.until and _("to %(date)s") % {"date": filters.until.isoformat()},
        filters.source and _("source: %(source)s") % {"source": SOURCES[filters.source]},
        filters.words and _words(filters.words, wholly),
    ]
    return "; ".join(filter(None, said))


def _contact(pk: Any, is_named: bool) -> str:
    contact = Contact.objects.filter(pk=pk).first() if is_named else None
    return _("contact %(contact)s") % {"contact": contact or pk}


def _words(words: str, are_repeated: bool) -> str:
    return _("with “%(words)s”") % {"words": words} if are_repeated else _("with certain words")


def _person(pk: Any) -> str:
    user = get_user_model().objects.filter(pk=pk).first()
    return str(user or pk)
