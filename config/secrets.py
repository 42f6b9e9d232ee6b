"""Secrets: from the environment, or from files that it names, so that nothing else holds them."""

import os
import re
import stat
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from environ import Env

from config.embedded.folder import Unavailable

# Each may be given as a file's path in NAME_FILE instead.
NAMES = frozenset(
    {
        "ANNALS_LEDGER_KEY",
        "DATABASE_URL",
        "EMAIL_URL",
        "METRICS_TOKEN",
        "OIDC_CLIENT_SECRET",
        "READ_DATABASE_URL",
        "REDIS_URL",
        "SECRET_KEY",
        "SECRET_KEY_FALLBACKS",
        "SENTRY_DSN",
    }
)
OF_PROVIDERS = re.compile(r"ANYMAIL_\w+")  # any of theirs may be one
SUFFIX = "_FILE"
# Addresses that hold a password, and how each kind may begin.
ADDRESSES = {
    "DATABASE_URL": ("postgres", "postgresql", "psql", "pgsql"),
    "READ_DATABASE_URL": ("postgres", "postgresql", "psql", "pgsql"),
    "REDIS_URL": ("redis", "rediss", "unix"),
    "EMAIL_URL": ("smtp", *Env.EMAIL_SCHEMES),
}
MOST_BYTES = 64 * 1024
# Where container engines put secrets, readable for all in a container that is alone with them.
OF_CONTAINERS = (Path("/run/secrets"), Path("/var/run/secrets"))
SHORTEST_KEY = 32  # characters
FEWEST_DIFFERENT = 8  # characters
FAULTS = {
    "both": "{name} and {name}_FILE are both set: leave one of them out.",
    "unreadable": "{name}_FILE names {path}, which cannot be read ({reason}): let the user that"
    " runs Annals read it, or name another file.",
    "empty": "{name}_FILE names {path}, which is empty: write the value into it.",
    "large": "{name}_FILE names {path}, which is too large to be a secret: name another file.",
    "open": "{name}_FILE names {path}, which every user of this machine can read: run"
    " “chmod 640 {path}”, with a group to which Annals belongs.",
    "address": "{name} is not written as {scheme}://user:password@host:port/…: signs other than"
    " letters and digits in the user or password have to be codes, as %2F for a slash.",
    "short": "SECRET_KEY is too easy to guess: it has to have {length} or more characters, and not"
    " the same few. To make one: openssl rand -base64 48. Sessions and links last if the key of"
    " until now is added to SECRET_KEY_FALLBACKS.",
}


def secret_settings(env: Env) -> dict[str, Any]:
    """Return the key under which Annals signs, from the environment.

    SECRET_KEY: signs sessions and links, keys fingerprints; 32 or more random characters. With the
    embedded database it is made on first use and kept in ANNALS_VAR.

    Raises Unavailable where it is easy to guess and SITE_URL has https: a trial may have any key.
    """
    from config import embedded  # noqa: PLC0415  which needs this module

    key = env("SECRET_KEY", default="") or embedded.secret_key()
    is_weak = len(key) < SHORTEST_KEY or len(set(key)) < FEWEST_DIFFERENT
    if is_weak and env("SITE_URL", default="").startswith("https://"):
        raise Unavailable(FAULTS["short"].format(length=SHORTEST_KEY))
    return {"SECRET_KEY": key}


def read_files(environment: MutableMapping[str, str] = os.environ) -> None:
    """Put each secret into the environment whose NAME_FILE stands there, in place of that.

    Raises Unavailable with a sentence where a file cannot be used, or an address is none: whoever
    reads it would quote a part of its password.
    """
    for variable in [*environment]:
        name = variable.removesuffix(SUFFIX)
        if name == variable or not (name in NAMES or OF_PROVIDERS.fullmatch(name)):
            continue
        if path := environment.pop(variable):
            if environment.get(name):
                environment[variable] = path
                raise Unavailable(FAULTS["both"].format(name=name))
            environment[name] = _content(name, Path(path))
    for name, schemes in ADDRESSES.items():
        if (value := environment.get(name)) and not _is_address(value, schemes):
            raise Unavailable(FAULTS["address"].format(name=name, scheme=schemes[0]))


def _is_address(value: str, schemes: tuple[str, ...]) -> bool:
    try:
        parts = urlsplit(value)
        return parts.scheme in schemes and not parts.fragment and (parts.port or 1) > 0
    except ValueError:
        return False


def _content(name: str, path: Path) -> str:
    def fault(which: str, **more: str) -> Unavailable:
        return Unavailable(FAULTS[which].format(name=name, path=path, **more))

    try:
        with path.open("rb") as file:
            is_open = bool(os.fstat(file.fileno()).st_mode & stat.S_IROTH)
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise fault("unreadable", reason=error.strerror or "it is none") from None
    if is_open and not any(path.resolve().is_relative_to(each.resolve()) for each in OF_CONTAINERS):
        raise fault("open")
    if len(content) > MOST_BYTES:
        raise fault("large")
    try:
        text = content.decode().strip()
    except UnicodeDecodeError:
        raise fault("unreadable", reason="it is no text") from None
    if not text or "\0" in text:
        raise fault("empty")
    return text
