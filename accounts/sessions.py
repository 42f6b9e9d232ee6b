"""Sessions, kept in the database. Django keeps whose a session is inside of it only."""

from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.db import connection
from django.utils import timezone

_CONTENT = "SELECT session_data FROM django_session WHERE session_key = %s AND expire_date > %s"


class SessionStore(db.SessionStore):
    """Django's own, read by a statement that need not be put together with each request."""

    def load(self) -> dict[str, Any]:
        """Return what the session holds: nothing where it has ended or never was."""
        with connection.cursor() as cursor:
            cursor.execute(_CONTENT, [self.session_key, timezone.now()])
            row = cursor.fetchone()
        if row is None:
            self._session_key = None
            return {}
        return self.decode(row[0])


def end_sessions(user_id: Any) -> int:
    """Delete all sessions of a user, with the address they hold; return how many."""
    theirs = [
        session.pk
        for session in Session.objects.iterator()
        if session.get_decoded().get(SESSION_KEY) == str(user_id)
    ]
    Session.objects.filter(pk__in=theirs).delete()
    return len(theirs)
