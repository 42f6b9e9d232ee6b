"""The list of what is asked after the password, in the preferences."""

from typing import Any

from allauth.mfa import app_settings
from django import template

from accounts.second_step import is_required_of

register = template.Library()


@register.inclusion_tag("mfa/_second_step.html", takes_context=True)
def second_step(context: template.Context) -> dict[str, Any]:
    """Draw the authenticator app and the recovery codes of who looks at the page."""
    user = context["request"].user
    held = {factor.type: factor for factor in user.authenticator_set.exclude(type="webauthn")}
    codes = held.get("recovery_codes")
    page = {"app": held.get("totp"), "codes": codes, "is_required": is_required_of(user)}
    if codes:
        used = int(codes.data["used_mask"]).bit_count()
        page["left"] = app_settings.RECOVERY_CODE_COUNT - used
        page["is_new"] = not codes.wrap().did_view
    return page
