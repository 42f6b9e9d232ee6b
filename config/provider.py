"""Mail through the API of a provider, by django-anymail: what its settings are.

It is an extra, `providers`: without EMAIL_PROVIDER, nothing here needs it.
"""

import json
import pkgutil
from collections.abc import Mapping
from importlib.util import find_spec
from typing import Any

from django.core.exceptions import ImproperlyConfigured

PREFIX = "ANYMAIL_"
SECRET = "ANYMAIL_WEBHOOK_SECRET"  # noqa: S105  the name of a variable
SHORTEST_SECRET = 20  # characters
FAULTS = {
    "extra": "EMAIL_PROVIDER needs packages that are not installed: run “uv sync --extra providers”"
    " or, with Docker, build the image anew.",
    "unknown": "EMAIL_PROVIDER is “{name}”, which is none of: {names}.",
    "secret": "EMAIL_PROVIDER needs {secret}: a user and a password with a colon between them, of"
    " {length} or more characters in all. The provider shows it when it reports what came of a"
    " mail; without it, anybody could. To make one: echo annals:$(openssl rand -hex 20)",
    "inbound": "INBOUND_DOMAIN needs EMAIL_PROVIDER: answers that nobody takes in would be lost.",
}


def provider_settings(name: str, environment: Mapping[str, str]) -> dict[str, Any]:
    """Return the settings for mail through a provider, `name` being one of anymail's backends.

    All ANYMAIL_* of the environment become settings; true, false, lists and objects are read as
    JSON. Raises ImproperlyConfigured where something is missing, with a sentence that says what.
    """
    if not all(map(find_spec, ("anymail", "inscriptis", "mailparser_reply"))):
        raise ImproperlyConfigured(FAULTS["extra"])
    names = provider_names()
    if name not in names:
        raise ImproperlyConfigured(FAULTS["unknown"].format(name=name, names=", ".join(names)))
    own = {key: _value(text) for key, text in environment.items() if key.startswith(PREFIX)}
    own[SECRET] = environment.get(SECRET, "").split(",")
    if not all(":" in each and len(each) >= SHORTEST_SECRET for each in own[SECRET]):
        fault = FAULTS["secret"].format(secret=SECRET, length=SHORTEST_SECRET)
        raise ImproperlyConfigured(fault)
    return own | {"EMAIL_BACKEND": "contacts.provider_backend.EmailBackend"}


def provider_names() -> list[str]:
    """Return the providers there are."""
    from anymail import backends  # noqa: PLC0415  an extra

    modules = {module.name for module in pkgutil.iter_modules(backends.__path__)}
    return sorted(modules - {"base", "base_requests", "console", "test", "sendinblue"})


def refuse_inbound(domain: str) -> None:
    """Raise ImproperlyConfigured where answers are expected that no provider takes in."""
    if domain:
        raise ImproperlyConfigured(FAULTS["inbound"])


def _value(text: str) -> Any:
    is_json = text in {"true", "false"} or text.startswith(("{", "["))
    return json.loads(text) if is_json else text
