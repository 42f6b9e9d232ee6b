"""What `manage.py check --deploy` says of whom Annals answers and believes."""

import ipaddress
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Warning, register

WIDEST = {4: 8, 6: 16}  # prefixes: a network of proxies is not the world


@register(deploy=True)
def check_hosts(**kwargs: Any) -> list[CheckMessage]:
    """Warn where any host is answered."""
    if not any(name.strip() in {"*", "."} for name in settings.ALLOWED_HOSTS):
        return []
    return [
        Warning(
            "ALLOWED_HOSTS answers for any host.",
            hint="Name the host of SITE_URL, and those that other machines ask for.",
            id="accounts.W001",
        )
    ]


@register(deploy=True)
def check_proxies(**kwargs: Any) -> list[CheckMessage]:
    """Warn where nearly anybody is believed as a proxy."""
    networks = [ipaddress.ip_network(name) for name in settings.TRUSTED_PROXIES]
    wide = [str(each) for each in networks if each.prefixlen < WIDEST[each.version]]
    if not wide:
        return []
    return [
        Warning(
            f"TRUSTED_PROXIES believes nearly anybody: {', '.join(wide)}.",
            hint="Name the proxies themselves: anybody else there could pretend to be any client.",
            id="accounts.W002",
        )
    ]
