"""The button that leads to the sign-in service, and the list of those that are connected."""

from typing import Any

from allauth.socialaccount.models import SocialAccount
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


@register.inclusion_tag("socialaccount/_services.html", takes_context=True)
def own_services(context: template.Context) -> dict[str, Any]:
    """List what signs in who looks, each with a link that disconnects it; nothing without any."""
    held = SocialAccount.objects.filter(user_id=context["request"].user.pk).order_by("pk")
    return {"accounts": held if settings.OIDC_SERVER_URL else [], "name": settings.OIDC_NAME}
