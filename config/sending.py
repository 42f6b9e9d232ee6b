"""The settings of mail: by which server or provider it leaves, and from whom."""

from pathlib import Path
from typing import Any

from environ import Env

from config.provider import provider_settings, refuse_inbound


def sending_settings(env: Env, var: Path, site_name: str) -> dict[str, Any]:
    """Return the settings named below, from the environment; `var` is ANNALS_VAR.

    EMAIL_URL: the mail server: smtp+tls://user:password@host:587 (STARTTLS),
    smtp+ssl://user:password@host:465, or smtp://host:25 without encryption. Without it, mail stays
    in ANNALS_VAR/mail, where administrators read it at /mail/.
    EMAIL_TIMEOUT: seconds to wait for each answer of the mail server or provider.
    DEFAULT_FROM_EMAIL: the sender of mail; by default SITE_NAME <annals@localhost>.
    EMAIL_PROVIDER: a mail provider instead of EMAIL_URL, by its name in anymail: amazon_ses, brevo,
    mailgun, mailjet, postmark, resend, sendgrid and others (docs/mail.md).
    INBOUND_DOMAIN: a domain whose mail the provider hands in; messages are answered to it.

    Raises ImproperlyConfigured where they do not fit each other.
    """
    found: dict[str, Any] = {
        "DEFAULT_FROM_EMAIL": env("DEFAULT_FROM_EMAIL", default=f"{site_name} <annals@localhost>"),
        "EMAIL_TIMEOUT": env.int("EMAIL_TIMEOUT", default=60),
        "EMAIL_PROVIDER": env("EMAIL_PROVIDER", default=""),
        "INBOUND_DOMAIN": env("INBOUND_DOMAIN", default=""),
    }
    if provider := found["EMAIL_PROVIDER"]:
        found["ANYMAIL_REQUESTS_TIMEOUT"] = found["EMAIL_TIMEOUT"]
        return found | provider_settings(provider, env.ENVIRON)
    refuse_inbound(found["INBOUND_DOMAIN"])
    if env("EMAIL_URL", default=""):
        found |= env.email("EMAIL_URL")
        if found["EMAIL_BACKEND"] == "django.core.mail.backends.smtp.EmailBackend":
            found["EMAIL_BACKEND"] = "contacts.smtp.EmailBackend"
        return found
    kept = {"EMAIL_BACKEND": "config.mail.folder.EmailBackend", "EMAIL_FILE_PATH": var / "mail"}
    return found | kept
