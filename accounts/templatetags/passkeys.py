"""The button that asks the browser for a passkey."""

from typing import Any

from django import template

from accounts.passkeys import offered

register = template.Library()

# What allauth's static/mfa/js/webauthn.js calls each ceremony, and the button's part in it.
CEREMONIES = {
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
    ceremony, button = CEREMONIES[use]
    return {
        "drawn": offered(context["request"]),
        "label": label,
        "options": options,
        "primary": primary,
        "ceremony": ceremony,
        "button": button,
    }
