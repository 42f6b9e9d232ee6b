"""Sessions of one user. Django keeps whose a session is inside of it only."""

from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session


def end_sessions(user_id: Any) -> int:
    """Delete all sessions of a user, with the address they hold; return how many."""
    theirs = [
        session.pk
        for session in Session.objects.iterator()
        if session.get_decoded().get(SESSION_KEY) == str(user_id)
    ]
    Session.objects.filter(pk__in=theirs).delete()
    return len(theirs)
