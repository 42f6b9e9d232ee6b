"""Payloads of events as they are written: what each kind's template must be able to draw."""

from typing import Any

NAME = "Amara Okonkwo"
ADDRESS = "amara@calderwren.example"


def _change(field: str, label: str, draw: str, old: Any, new: Any) -> dict[str, Any]:
    return {"field": field, "label": label, "draw": draw, "old": old, "new": new}


_BODY = _change("body", "Comment", "long", "Call back", "Call back on 9th")
_FILE = {"name": "Depot-2-rollout-v3.pdf", "size": 412_000}

CREATED = {"name": NAME, "changes": []}
IMPORTED = {"name": NAME, "file": "spring-expo.csv", "line": 214, "changes": []}
UPDATED = {
    "changes": [_change("phones", "Phone", "list", ["+44 20 7946 0018"], ["+44 20 7946 0142"])]
}
REASON = {"reason": "Paused until the Q4 budget round.", "changes": []}
RECEIPT = {"reason": "Asked to be forgotten.", "counts": {"comments": 3, "messages": 22}}
OPTED = {"reason": "Asked on the phone.", "source": "team", "changes": []}
_OTHER = {"id": "0199f3c2-7a5e-7c1d-9b0e-2f4d8a6c1e55", "name": "A. Okonkwo"}
MERGED = UPDATED | {"merged": _OTHER, "reason": "Met twice at the expo.", "opted_out": True}
UNMERGED = UPDATED | {"parted": _OTHER, "kept": ["Job title"], "reason": "Two cousins."}
COMMENT = {"changes": [_BODY]}
MESSAGE = {"changes": [_change("address", "Address", "text", None, ADDRESS)], "files": [_FILE]}
REPLY = {"via": "email", "automatic": False, "changes": [_BODY], "files": []}
TO = {"to": ADDRESS, "reason": "", "changes": []}
FAILURE = {"to": ADDRESS, "error": "There is no such mailbox.", "changes": []}
INVITATION = {"to": ADDRESS, "role": "client", "changes": []}
SHARE = {
    "to": ["facilities@calderwren.example"],
    "disclosed": ["Email", "Phone"],
    "files": [],
    "card": True,
    "link": False,
    "changes": [],
}
PIN = {"number": 48_211}
IMPORT = {"file": "spring-expo.csv", "created": 186, "skipped": 9, "failed": 4}
BULK = {"action": "Archive", "state": "finished", "total": 48, "acted": 45, "skipped": 3}
IMPORT_STARTED = {"file": "spring-expo.csv", "total": 199}
IMPORT_REVERTED = {"file": "spring-expo.csv", "removed": 171, "kept": 15}
PUT_BACK = UPDATED | {"from_version": 3}
EXPORT = {
    "format": "csv",
    "events": 4_120,
    "filters": "kinds: Deleted; from 2026-05-01",
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "complete": False,
}
BACKUP = {
    "contacts": 1_204,
    "events": 48_211,
    "files": 310,
    "bytes": 94_371_840,
    "sha256": "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae",
}
BACKUP_RESTORED = {
    "made_at": "2026-11-22T03:00:00+00:00",
    "events": 48_211,
    "sha256": BACKUP["sha256"],
}
CONTACTS_EXPORTED = {"format": "vCard", "total": 312, "filters": "tag: Press; owner: Ben Mwangi"}
SEALED = {"epoch": 1, "size": 48_211, "root": "XcnaeacGWamctVWXAe2awqudgjqtL0lgz+Nw6/RgQyg="}
KEY_ROTATED = {"epoch": 1, "vkey": "annals.example.com/ledger/1+b0d3f7c1+AWFubmFscw=="}
LOG_RESTORED = {"epoch": 2, "checkpoint": f"annals.example.com/ledger/1\n48211\n{SEALED['root']}\n"}
_STATE = {
    "email": "ben@annals.example",
    "name": "Ben Mwangi",
    "active": True,
    "superuser": False,
    "roles": ["manager"],
    "permissions": [],
}
PERSON = {"name": "Ben Mwangi", "state": _STATE}
SIGNED_IN = {"name": "Ada Lovelace", "method": "password", "second": "totp"}
SESSIONS_ENDED = {"name": "Ben Mwangi", "sessions": 2}
SIGN_IN_FAILED = {"name": "Ben Mwangi", "method": "password", "tries": 4}
ROLE = {
    "name": "Ben Mwangi",
    "state": _STATE,
    "changes": [_change("roles", "Role", "text", "Member", "Manager")],
}
RENAMED = PERSON | {"changes": [_change("name", "Name", "text", "Ben M.", "Ben Mwangi")]}
PASSKEY = {"name": "Ben Mwangi", "passkey": "Laptop"}
RECOVERY_CODE = {"name": "Ben Mwangi", "left": 9}
FACTORS_REMOVED = {"name": "Ben Mwangi", "removed": ["totp", "recovery_codes"]}
OIDC = {"name": "Ben Mwangi", "provider": "Calder Wren Login"}
TAG = {"name": "Cold chain"}
SETTINGS = {"changes": [_change("ORIGIN_DAYS", "ORIGIN_DAYS", "text", "365", "90")]}
LOG_VIEWED = {"query": "person=ben&from=2026-05-01"}
