"""Who may do what, as tests/security/permissions.toml declares it for each address."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from accounts.roles import PERMISSIONS, Role
from tests.addresses import Address, addresses
from tests.security.places import PLACES
from tests.security.world import LATER, TEAM

DECLARED = Path(__file__).with_name("permissions.toml")
METHODS = ("GET", "POST")
YES, CONFIRM, SIGN_IN = "yes", "confirm", "sign in"


@dataclass(frozen=True)
class Entry:
    """What is declared of an address, in one case: who may, and what happens otherwise."""

    area: str
    address: Address
    methods: tuple[str, ...]
    who: str
    action: str
    case: str = ""
    another: str = YES
    instead: dict[str, str] = field(default_factory=dict)
    data: dict[str, str] = field(default_factory=dict)
    notes: bool = False
    confirms: tuple[str, ...] = ()

    @property
    def is_of_admin(self) -> bool:
        """Tell whether it is of Django admin, which asks who it is before it looks at a method."""
        return self.address.name.startswith("admin:")

    @property
    def shown(self) -> str:
        """Return the route as people read it: each parameter by what it names."""
        return self.address.filled(lambda before, _kind, name: f"<{PLACES.get(before, name)}>")

    def expected(self, role: str, method: str, *, own: bool) -> str:
        """Return what a role gets: the first of these sentences that is true."""
        later, role = role == LATER, role.partition(",")[0]
        answers = method in self.methods
        instead = self.instead.get(f"{role} {method}") or self.instead.get(role)
        granted = self.instead.get(method, YES)
        is_held = self.who in {"portal", "account", "team"} or may(role, self.who)
        another = may(role, self.another) if "." in self.another else self.another == YES
        sentences = (
            (later and method in self.confirms, CONFIRM),
            (answers and instead is not None, instead),
            (self.who == "holder", "404" if answers else "405"),
            (self.who == "everyone" and answers, granted),
            (self.who == "everyone", "405"),
            (role in {"anonymous", "deactivated"}, SIGN_IN),
            (role == "portal" and self.who not in {"portal", "account"}, "404"),
            (not answers and (is_held or not self.is_of_admin), "405"),
            (self.who == "portal" and role != "portal", self.instead.get("team", "404")),
            (not is_held, "403"),
            (own or another, granted),
            ("." in self.another, "403"),
            (True, self.another),
        )
        return next(outcome for is_so, outcome in sentences if is_so)


def may(role: str, permission: str) -> bool:
    """Tell whether a role has a permission, by the table of accounts.roles."""
    if role not in TEAM:
        return False
    app = permission.partition(".")[0]
    return bool({permission, f"{app}.*"}.intersection(PERMISSIONS[Role(role)]))


@cache
def entries() -> list[Entry]:
    """Return all entries as declared. Raises LookupError for what is no address."""
    declared = tomllib.loads(DECLARED.read_text())
    models = declared.pop("admin")
    by_name = _by_name()
    found = [
        entry
        for area, lines in declared.items()
        for name, line in lines.items()
        for entry in _of(area, name, line, by_name)
    ]
    for model, actions in models.items():
        found += _of_admin(model, actions.split(), by_name)
    return found


def undeclared() -> str:
    """Return what to do about addresses of which nothing is declared; nothing where all are."""
    missing = sorted(_by_name().keys() - {entry.address.name for entry in entries()})
    if not missing:
        return ""
    return (
        f"Of {', '.join(missing)} nothing is declared. Say in tests/security/{DECLARED.name} who "
        "may open it and what it does, then run "
        "`.venv/bin/python -m tests.security.matrix > docs/permissions.md`."
    )


def _by_name() -> dict[str, list[Address]]:
    by_name: dict[str, list[Address]] = {}
    for address in addresses():
        by_name.setdefault(address.name, []).append(address)
    return by_name


def _of(area: str, name: str, line: list[Any], by_name: dict[str, list[Address]]) -> list[Entry]:
    name, _colon, case = name.partition(": ")
    if name not in by_name:
        raise LookupError(f"{DECLARED.name} declares {name}, which is no address.")
    methods, who, action, *more = line
    other = dict(more[0]) if more else {}
    fields = {
        "case": case,
        "another": str(other.pop("another", YES)),
        "data": other.pop("data", {}),
        "notes": other.pop("notes", False),
        "confirms": tuple(other.pop("confirms", "").split()),
        "instead": {role: str(outcome) for role, outcome in other.items()},
    }
    return [
        Entry(area, each, tuple(methods.split()), who, action, **fields) for each in by_name[name]
    ]


ADMIN_VIEWS = {
    "changelist": ("see", "See all"),
    "history": ("see", "See what was done with one"),
    "change": ("see", "See or change one"),
    "add": ("add", "Add one"),
    "delete": ("delete", "Delete one"),
}


def _of_admin(model: str, may: list[str], by_name: dict[str, list[Address]]) -> Iterator[Entry]:
    for view, (needed, action) in ADMIN_VIEWS.items():
        refused = {"administrator": "403"} if needed not in may else {}
        if view == "change" and "change" not in may:
            refused = {"administrator POST": "403"}
        confirms = ("POST",) if "confirms" in may and view in {"changelist", *may} else ()
        for address in by_name[f"admin:{model}_{view}"]:
            yield Entry(
                f"Django admin: {model.replace('_', ' ')}", address, METHODS,
                "accounts.access_admin", action, instead=refused, confirms=confirms,
            )  # fmt: skip
