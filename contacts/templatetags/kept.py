"""`{% load kept %}`: parts of a page that are drawn once, and kept in the process.

A part is kept under all that it depends on, and so is found no more once that has changed.
"""

from hashlib import blake2b
from typing import Any

from django import template
from django.template.base import FilterExpression, NodeList, Parser, Token
from django.template.context import Context
from django.utils import timezone, translation
from django.utils.safestring import SafeString, mark_safe

from contacts.drawn import Drawn
from contacts.models import Contact

register = template.Library()

MARK = "\0"  # stands where a form's token goes; PostgreSQL holds no text with it
parts = Drawn()


class KeptNode(template.Node):
    """A part of a page, and what it depends on."""

    def __init__(self, nodelist: NodeList, told: list[FilterExpression]) -> None:
        self.nodelist, self.told = nodelist, told

    def render(self, context: Context) -> SafeString:
        """Return the part with the forms' token of this page."""
        told = [_told(expression.resolve(context)) for expression in self.told]
        told += [translation.get_language(), timezone.get_current_timezone_name()]
        viewer = context["user"]
        told += [viewer.is_superuser, *sorted(viewer.permissions)]
        key = blake2b("\n".join(map(str, told)).encode(), digest_size=16).digest()
        html = parts.get(key)
        if html is None:
            with context.push(csrf_token=MARK):
                html = parts.keep(key, self.nodelist.render(context))
        token = str(context.get("csrf_token", ""))
        return mark_safe(html.replace(MARK, token))  # noqa: S308 - our own templates escaped it


def _told(value: Any) -> Any:
    """Return what stands for a value; for a contact what stands for all of its row.

    The time of the last activity tells two writes apart of which the first was rolled back.
    """
    if not isinstance(value, Contact):
        return value
    return value.pk, value.version, value.last_activity_at


@register.tag
def kept(parser: Parser, token: Token) -> KeptNode:
    """Keep what is drawn up to `endkept`: `{% kept "facts" contact %}`.

    The first value says which part it is. The others are all that it depends on beside the
    viewer's language, time zone and rights: as text, none of them is like another of its kind.
    """
    told = [parser.compile_filter(word) for word in token.split_contents()[1:]]
    nodelist = parser.parse(("endkept",))
    parser.delete_first_token()
    return KeptNode(nodelist, told)
