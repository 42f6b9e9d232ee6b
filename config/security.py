"""The settings that keep browsers and what lies between from doing what was not meant."""

from typing import Any

from csp.constants import NONE, SELF
from environ import Env

YEAR = 365 * 24 * 3600  # seconds
REPORTS_TO = "/csp-report"
# What a browser can offer a page, as the Permissions Policy names it: to none of ours, nor to what
# they might be made to show, but for what stands below it.
FEATURES = (
    *("accelerometer", "autoplay", "browsing-topics", "camera", "clipboard-read"),
    *("display-capture", "encrypted-media", "fullscreen", "geolocation", "gyroscope", "hid"),
    *("idle-detection", "keyboard-map", "local-fonts", "magnetometer", "microphone", "midi"),
    *("payment", "picture-in-picture", "screen-wake-lock", "serial", "storage-access"),
    *("sync-xhr", "usb", "window-management", "xr-spatial-tracking"),
)
# Passkeys, and copying a link.
USED = ("publickey-credentials-create", "publickey-credentials-get", "clipboard-write")


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
                "report-uri": [REPORTS_TO],  # of browsers that do not know the next one
                "report-to": ["csp"],
            }
        },
        "ANSWER_HEADERS": {
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Permissions-Policy": ", ".join(
                [f"{name}=()" for name in FEATURES] + [f"{name}=(self)" for name in USED]
            ),
            "Referrer-Policy": "same-origin",
            "Reporting-Endpoints": f'csp="{REPORTS_TO}"',
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
        },
        "DEFAULT_EXCEPTION_REPORTER_FILTER": "config.crash_pages.ReporterFilter",
        "CSRF_FAILURE_VIEW": "accounts.views.out_of_date",
        "SECURE_REFERRER_POLICY": "same-origin",
        "X_FRAME_OPTIONS": "DENY",
        "WHITENOISE_ALLOW_ALL_ORIGINS": False,  # nobody else's page needs our fonts
        "SESSION_ENGINE": "accounts.sessions",
        "SESSION_COOKIE_SAMESITE": "Lax",
        "CSRF_COOKIE_HTTPONLY": True,  # pages hand on the token that stands in them
    }
    if site_url.startswith("https://"):
        found |= {
            "SECURE_SSL_REDIRECT": True,
            # Asked from within, without a proxy.
            "SECURE_REDIRECT_EXEMPT": [r"^healthz$", r"^readyz$", r"^metrics$"],
            # Of proxies that are trusted only: config/proxies.py takes out what others say.
            "SECURE_PROXY_SSL_HEADER": ("HTTP_X_FORWARDED_PROTO", "https"),
            "SECURE_HSTS_SECONDS": YEAR,
            "SECURE_HSTS_INCLUDE_SUBDOMAINS": True,
            "SECURE_HSTS_PRELOAD": True,
            "SESSION_COOKIE_SECURE": True,
            "SESSION_COOKIE_NAME": "__Host-sessionid",
            "CSRF_COOKIE_SECURE": True,
            "CSRF_COOKIE_NAME": "__Host-csrftoken",
        }
    return found
