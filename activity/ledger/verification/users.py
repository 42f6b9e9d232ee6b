"""Is each user what its newest event of a change says, with the factors that were recorded?"""

import json
from collections.abc import Iterator
from typing import Any

from django.db import connection

from activity.ledger.verification.findings import Finding

# The state is computed by the same function that compares it at COMMIT; check_guards compares that
# function with its text.
_STATES = """
SELECT users.id, newest.id, newest.payload->'state', annals_user_state(users.id)
FROM accounts_user AS users LEFT JOIN LATERAL (
    SELECT id, payload FROM activity_event
    WHERE object_id = users.id AND payload ? 'state' ORDER BY id DESC LIMIT 1
) AS newest ON true
WHERE newest.payload->'state' IS DISTINCT FROM annals_user_state(users.id)
ORDER BY newest.id
"""
# Counted by verb: a payload may have been erased, that it happened never is.
_FACTORS = """
WITH kinds (type, what, added, removed) AS (VALUES
    ('webauthn', 'passkeys', 'user.passkey_added', 'user.passkey_removed'),
    ('totp', 'authenticator apps', 'user.totp_enabled', 'user.totp_disabled'),
    ('recovery_codes', 'sets of recovery codes',
     'user.recovery_codes_made', 'user.recovery_codes_removed'),
    ('service', 'connections with a sign-in service', 'user.oidc_connected', 'user.oidc_removed')
), held AS (
    SELECT user_id, type, count(*) FROM (
        SELECT user_id, type FROM mfa_authenticator
        UNION ALL SELECT user_id, 'service' FROM socialaccount_socialaccount
    ) AS everything GROUP BY user_id, type
), noted AS (
    SELECT object_id AS user_id, type, max(id) AS newest,
           sum(CASE verb WHEN added THEN 1 ELSE -1 END) AS count
    FROM activity_event JOIN kinds ON verb IN (added, removed) GROUP BY object_id, type
)
SELECT user_id, what, coalesce(held.count, 0), coalesce(noted.count, 0), newest
FROM held FULL JOIN noted USING (user_id, type) JOIN kinds USING (type)
WHERE coalesce(held.count, 0) <> coalesce(noted.count, 0)
ORDER BY newest, user_id, type
"""
_GONE = """
SELECT object_id, max(id) FROM activity_event AS event
WHERE verb = 'user.created' AND NOT EXISTS (
    SELECT FROM accounts_user WHERE accounts_user.id = event.object_id
) GROUP BY object_id ORDER BY 2
"""


def check_users() -> Iterator[Finding]:
    """Yield a finding for each user who was changed, given rights or removed past the log."""
    with connection.cursor() as cursor:
        cursor.execute(_STATES)
        for user, event, said, now in cursor.fetchall():
            yield Finding("drift", event, _difference(user, said, now))
        cursor.execute(_FACTORS)
        for user, what, held, noted, event in cursor.fetchall():
            text = f"as many {what} of user {user} as recorded, {noted}; there are {held}"
            yield Finding("drift", event, text)
        cursor.execute(_GONE)
        for user, event in cursor.fetchall():
            yield Finding("drift", event, f"user {user}, who is never deleted; it is gone")


def _difference(user: Any, said: str | None, now: str) -> str:
    if said is None:
        return f"a record of user {user}; there is none"
    recorded, stored = json.loads(said), json.loads(now)
    differing = ", ".join(name for name in stored if recorded.get(name) != stored[name])
    return f"user {user} as recorded, in {differing}"
