"""The settings that keep browsers and what lies between from doing what was not meant."""

from typing import Any

from csp.constants import NONE, SELF
from environ import Env

YEAR = 365 * 24 * 3600  # seconds


def security_settings(env: Env, site_url: str) -> dict[str, Any]:
    """Return the settings of policies and cookies; stricter ones where `site_url` has https."""
    found: dict[str, Any] = {
        "CONTENT_SECURITY_POLICY": {
            "DIRECTIVES": {
                "default-src": [NONE],
                "script-src": [SELF],
                "style-src": [SELF],
                "img-src": [SELF, "data:"],
                "font-src": [SELF],
                "connect-src": [SELF],
                "manifest-src": [SELF],
                "form-action": [SELF],
                "base-uri": [NONE],
                "frame-ancestors": [NONE],
            }
        },
        "CSRF_FAILURE_VIEW": "accounts.views.out_of_date",
        "SECURE_REFERRER_POLICY": "same-origin",
        "X_FRAME_OPTIONS": "DENY",
        "SESSION_ENGINE": "accounts.sessions",
        "SESSION_COOKIE_SAMESITE": "Lax",
    }
    if site_url.startswith("https://"):
        found |= {
            "SECURE_SSL_REDIRECT": True,
            # Asked from within, without a proxy.
            "SECURE_REDIRECT_EXEMPT": [r"^healthz$", r"^readyz$"],
            "SECURE_PROXY_SSL_HEADER": ("HTTP_X_FORWARDED_PROTO", "https"),
            "SECURE_HSTS_SECONDS": YEAR,
            "SECURE_HSTS_INCLUDE_SUBDOMAINS": True,
            "SECURE_HSTS_PRELOAD": True,
            "SESSION_COOKIE_SECURE": True,
            "CSRF_COOKIE_SECURE": True,
        }
    return found
