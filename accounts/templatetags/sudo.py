"""What pages say about having to confirm who one is (accounts/sudo.py)."""

from typing import Any
from uuid import UUID

from django import template
from django.conf import settings
from django.urls import Resolver404, resolve, reverse

from accounts import unsent
from accounts.sudo import confirmed_lately

register = template.Library()


@register.inclusion_tag("accounts/_asks_first.html", takes_context=True)
def asks_first(context: template.Context) -> dict[str, Any]:
    """Tell beforehand where a form will ask for a confirmation; nothing where it will not."""
    return {"asks": not confirmed_lately(context["request"])}


@register.simple_tag
def confirmed_minutes() -> int:
    """Return for how many minutes a confirmation counts."""
    return settings.SUDO_MINUTES


@register.simple_tag(takes_context=True)
def page_before_asking(context: template.Context) -> str:
    """Return the page on which was pressed what asks for the confirmation: where Cancel leads.

    The preferences, where other keys are made, where nobody knows.
    """
    request, otherwise = context["request"], reverse("preferences")
    asked = request.POST.get("next") or request.GET.get("next", "")
    try:
        found = resolve(asked)
    except Resolver404:
        return otherwise
    if found.url_name != "unsent":
        return otherwise
    kept = unsent.find(UUID(str(found.kwargs["key"])), request.user)
    return kept["page"] if kept else otherwise
