"""Where somebody is signed in, for the preferences."""

from typing import Any

from django import template

from accounts.devices import in_words, is_handheld
from accounts.sessions import open_sessions

register = template.Library()


@register.inclusion_tag("accounts/_sessions.html", takes_context=True)
def own_sessions(context: template.Context) -> dict[str, Any]:
    """List the sessions of who looks, the present one first, with what ends the others."""
    request = context["request"]
    present = request.session.session_key
    sessions = sorted(open_sessions(request.user), key=lambda each: each.pk != present)
    return {
        "request": request,
        "csrf_token": context.get("csrf_token"),
        "sessions": sessions,
        "present": present,
        "others": any(each.pk != present for each in sessions),
    }


@register.filter
def device(browser: str) -> str:
    """Return a browser and its system in words."""
    return in_words(browser)


@register.filter
def handheld(browser: str) -> bool:
    """Tell whether that is a phone or tablet."""
    return is_handheld(browser)
