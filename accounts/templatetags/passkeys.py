"""The button that asks the browser for a passkey."""

import json
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from accounts.passkeys import offered

register = template.Library()

# What allauth's static/mfa/js/webauthn.js calls each ceremony, and the button's part in it.
HANDLERS = {
    "sign-in": ("loginForm", "login"),
    "create": ("signupForm", "signup"),
    "confirm": ("authenticateForm", "authenticate"),
}


@register.inclusion_tag("accounts/_passkey_button.html", takes_context=True)
def passkey_button(
    context: template.Context, use: str, label: str, options: Any = None, primary: bool = False
) -> dict[str, Any]:
    """Draw a button that posts the form around it with a passkey in its field "credential".

    `use` is "sign-in" (the form's own address gives the options), "create" or "confirm" (`options`
    are those of `passkeys.begin` or `passkeys.begin_account`, or allauth's "js_data"). One to a
    page; `primary` where it is what the page is for. Nothing is drawn where passkeys do not work:
    under this address, or without scripts.
    """
    handler, button = HANDLERS[use]
    ids = {button: "passkey", "credential": "passkey-credential"}
    if options:
        ids["data"] = "passkey-options"
    return {
        "drawn": offered(context["request"]),
        "label": label,
        "options": options,
        "primary": primary,
        "ceremony": _data_block(handler, {"ids": ids}),
    }


def _data_block(handler: str, data: dict[str, Any]) -> SafeString:
    """Return the JSON from which allauth's onload.js sets a form up; it is data, not a script."""
    return format_html(
        '<script type="application/json" data-allauth-onload="{}">{}</script>',
        f"allauth.webauthn.forms.{handler}",
        mark_safe(json.dumps(data)),  # noqa: S308  names of ours, without a character of HTML
    )
