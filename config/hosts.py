"""The settings of addresses: where Annals is, for which hosts it answers, whom it believes."""

import ipaddress
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured
from environ import Env

FAULTS = {
    "site": "SITE_URL is “{value}”: it must be http:// or https:// with a host, and nothing before"
    " or after it but a port, as in https://annals.example.com",
    "network": "TRUSTED_PROXIES names “{value}”, which is no network: write it as in 172.16.0.0/12"
    " or 10.0.0.5, with no bits set after the prefix.",
}


def host_settings(env: Env, port: int) -> dict[str, Any]:
    """Return the settings named below, from the environment; `port` is where Annals listens.

    SITE_URL: where people reach Annals, without a path; links in mails lead there. Passkeys work
    where it has https and a host name, or is on localhost. By default http://127.0.0.1:PORT.
    ALLOWED_HOSTS: host names that are answered; by default that of SITE_URL, and localhost,
    127.0.0.1 and [::1].
    TRUSTED_PROXIES: networks (CIDR, with commas) whose X-Forwarded-For and -Proto are believed;
    behind a proxy that speaks https for Annals, its own network has to be among them, unless it
    runs on the same machine.

    Raises ImproperlyConfigured where a value makes no sense.
    """
    site = (env("SITE_URL", default="") or f"http://127.0.0.1:{port}").rstrip("/")
    parts = urlsplit(site)
    if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc:
        raise ImproperlyConfigured(FAULTS["site"].format(value=site))
    if parts.path or parts.query or parts.fragment:
        raise ImproperlyConfigured(FAULTS["site"].format(value=site))
    proxies = [name.strip() for name in env.list("TRUSTED_PROXIES", default=[])]
    for name in proxies:
        try:
            ipaddress.ip_network(name)
        except ValueError:
            raise ImproperlyConfigured(FAULTS["network"].format(value=name)) from None
    ours = ["localhost", "127.0.0.1", "[::1]", parts.hostname]
    return {
        "SITE_URL": site,
        "ALLOWED_HOSTS": env.list("ALLOWED_HOSTS", default=ours),
        "CSRF_TRUSTED_ORIGINS": [site],
        "TRUSTED_PROXIES": proxies,
    }
