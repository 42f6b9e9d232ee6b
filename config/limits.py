"""The settings of how often something may be done, so that no script and no mistake floods."""

from typing import Any

from environ import Env


def limits_settings(env: Env) -> dict[str, Any]:
    """Return the settings named below, from the environment; 0 = no limit, for all but sign-in.

    SIGN_INS_PER_MINUTE: tries to sign in from one client address, which may be that of an office.
    SIGN_IN_TRIES: wrong passwords or codes for one account within five minutes.
    MESSAGES_PER_HOUR: messages that one person may send; bulk actions and invitations count apart.
    SHARES_PER_HOUR: shares that one person may send.
    IMPORTS_PER_HOUR: files that one person may upload for an import.
    EXPORTS_PER_HOUR: files with contacts or events that one person may take.
    SEARCHES_PER_MINUTE: searches of one person, each pause in typing being one.
    PORTAL_MESSAGES_PER_MINUTE: messages that may come from the portal from one client address.
    """
    sign_ins = env.int("SIGN_INS_PER_MINUTE", default=60)
    tries = env.int("SIGN_IN_TRIES", default=5)
    return {
        # allauth counts these: /ip for a client address, /key for an account, /user who is in.
        "ACCOUNT_RATE_LIMITS": {
            "login": f"{sign_ins}/m/ip",
            "login_failed": f"{sign_ins}/m/ip,{tries}/5m/key",
            "reset_password": "20/m/ip,5/10m/key",
            "reset_password_from_key": "20/m/ip",
            "reauthenticate": "10/m/user",
            "change_password": "5/m/user",
        },
        "MFA_RATE_LIMITS": {"webauthn_login": f"{sign_ins}/m/ip"},
        "MESSAGES_PER_HOUR": env.int("MESSAGES_PER_HOUR", default=300),
        "SHARES_PER_HOUR": env.int("SHARES_PER_HOUR", default=100),
        "IMPORTS_PER_HOUR": env.int("IMPORTS_PER_HOUR", default=60),
        "EXPORTS_PER_HOUR": env.int("EXPORTS_PER_HOUR", default=60),
        "SEARCHES_PER_MINUTE": env.int("SEARCHES_PER_MINUTE", default=300),
        "PORTAL_MESSAGES_PER_MINUTE": env.int("PORTAL_MESSAGES_PER_MINUTE", default=20),
    }
