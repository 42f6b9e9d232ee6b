"""The settings of the site as a whole: what it is called, and how it runs."""

from typing import Any

from environ import Env


def site_settings(env: Env) -> dict[str, Any]:
    """Return the settings named below, from the environment.

    SITE_NAME: what the pages call it.
    SUPPORT_EMAIL: an address that the help, error and sign-in pages offer.
    PORT: where to listen; `make run` and the container do.
    PHONE_REGION: the country in which numbers without a country code are read (ISO 3166-1 alpha-2).
    IMPORT_MAX_BYTES: the largest file that can be imported, in bytes.
    DEBUG: Django's debug mode; never on a server, as its error pages show data to anybody.
    """
    return {
        "SITE_NAME": env("SITE_NAME", default="Annals"),
        "SUPPORT_EMAIL": env("SUPPORT_EMAIL", default=""),
        "PORT": env.int("PORT", default=8000),
        "PHONE_REGION": env("PHONE_REGION", default="US"),
        "IMPORT_MAX_BYTES": env.int("IMPORT_MAX_BYTES", default=256 * 1024 * 1024),
        "DEBUG": env.bool("DEBUG", default=False),
    }
