"""The settings of signing in through a service of the organisation, by OpenID Connect."""

from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured
from environ import Env

# For development: nothing leaves the machine.
LOCAL = {("http", "localhost"), ("http", "127.0.0.1")}


def single_sign_on_settings(env: Env) -> dict[str, Any]:
    """Return where people sign in besides, if anywhere.

    OIDC_SERVER_URL: address of an OpenID Connect provider, over https, below which is
    /.well-known/openid-configuration. It leads back to SITE_URL/accounts/service/callback/.
    OIDC_NAME: what the button on the sign-in page calls it; by default its host.
    OIDC_CLIENT_ID: what it calls Annals.
    OIDC_CLIENT_SECRET: the secret that goes with that.
    OIDC_CREATES_USERS: whether it may let in people whom no administrator has added.
    OIDC_DEFAULT_ROLE: their role: viewer, member, manager or administrator. Without one they wait
    until an administrator gives them one.

    Raises ImproperlyConfigured where something is missing, or would go over the network for
    everybody to read.
    """
    server = env("OIDC_SERVER_URL", default="").rstrip("/")
    url = urlsplit(server)
    settings = {
        "OIDC_SERVER_URL": server,
        "OIDC_NAME": env("OIDC_NAME", default="") or url.hostname or "",
        "OIDC_CLIENT_ID": env("OIDC_CLIENT_ID", default=""),
        "OIDC_CLIENT_SECRET": env("OIDC_CLIENT_SECRET", default=""),
        "OIDC_CREATES_USERS": env.bool("OIDC_CREATES_USERS", default=False),
        "OIDC_DEFAULT_ROLE": env("OIDC_DEFAULT_ROLE", default=""),
    }
    if not server:
        return settings
    if url.scheme != "https" and (url.scheme, url.hostname) not in LOCAL:
        raise ImproperlyConfigured("OIDC_SERVER_URL must begin with https://.")
    if url.username or url.password:  # it is noted in the log
        raise ImproperlyConfigured("OIDC_SERVER_URL must hold no user name and no password.")
    for name in ("OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET"):
        if not settings[name]:
            raise ImproperlyConfigured(f"OIDC_SERVER_URL needs {name}, too.")
    return settings
