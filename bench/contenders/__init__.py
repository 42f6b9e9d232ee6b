"""Who is measured: how each is installed, and where its module is.

A contender is a process of its own with its own Django, settings and database. Annals runs from the
application's environment and settings, all others from bench/.venv with bench.peers.settings.
"""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Entry:
    """A contender as it is installed. Its work is the class `Contender` in bench.contenders.<name>.

    `distribution` is what its version is looked up by; `apps`, `middleware` and `settings` are what
    its documentation tells to install, and what that module gives reasons for.
    """

    label: str
    distribution: str = "django"
    apps: tuple[str, ...] = ()
    middleware: tuple[str, ...] = ()
    settings: dict[str, Any] = field(default_factory=dict)


ENTRIES = {
    "raw": Entry("raw SQL (UPDATE + INSERT)", "psycopg"),
    "bare": Entry("bare Django"),
    "narrow": Entry("bare Django, update_fields"),
    "pghistory": Entry(
        "django-pghistory",
        "django-pghistory",
        apps=("pgtrigger", "pghistory", "pghistory.admin"),
        middleware=("pghistory.middleware.HistoryMiddleware",),
        settings={
            "PGHISTORY_APPEND_ONLY": True,
            "PGHISTORY_INSTALL_CONTEXT_FUNC_ON_MIGRATE": True,
        },
    ),
    "simple_history": Entry(
        "django-simple-history",
        "django-simple-history",
        apps=("simple_history",),
        middleware=("simple_history.middleware.HistoryRequestMiddleware",),
    ),
    "auditlog": Entry(
        "django-auditlog",
        "django-auditlog",
        apps=("auditlog",),
        middleware=("auditlog.middleware.AuditlogMiddleware",),
    ),
    "easyaudit": Entry(
        "django-easy-audit",
        "django-easy-audit",
        apps=("easyaudit",),
        middleware=("easyaudit.middleware.easyaudit.EasyAuditMiddleware",),
        settings={
            "DJANGO_EASY_AUDIT_WATCH_AUTH_EVENTS": False,
            "DJANGO_EASY_AUDIT_WATCH_REQUEST_EVENTS": False,
            "DJANGO_EASY_AUDIT_REGISTERED_CLASSES": ["peers.contact"],
        },
    ),
    "reversion": Entry("django-reversion", "django-reversion", apps=("reversion",)),
    "actstream": Entry(
        "django-activity-stream",
        "django-activity-stream",
        apps=("django.contrib.sites", "actstream"),
        settings={
            "SITE_ID": 1,
            # Its template links to these addresses, or else reads the content type of each row.
            "ABSOLUTE_URL_OVERRIDES": {"auth.user": lambda user: f"/users/{user.pk}/"},
            "ACTSTREAM_SETTINGS": {"USE_JSONFIELD": True},
            # Its migrations do not know the column that this asks for.
            "MIGRATION_MODULES": {"actstream": None},
        },
    ),
    "annals": Entry("Annals"),
}
BASE = "bare"  # what all others are divided by
