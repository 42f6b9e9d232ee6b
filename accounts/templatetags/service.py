"""The button that leads to the sign-in service."""

from typing import Any

from django import template
from django.conf import settings

register = template.Library()


@register.inclusion_tag("socialaccount/_button.html", takes_context=True)
def service_button(context: template.Context) -> dict[str, Any]:
    """Draw a form that begins a sign-in through the service; nothing where none is configured."""
    name = settings.OIDC_NAME if settings.OIDC_SERVER_URL else ""
    return {
        "name": name,
        "csrf_token": context.get("csrf_token"),
        "redirect_field": context.get("redirect_field"),
    }
