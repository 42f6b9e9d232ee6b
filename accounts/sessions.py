"""Sessions, kept in the database: whose each is, from which device, and until when.

Besides what Django keeps, each row says whose session it is, so that those of one person are found
without opening all. It goes with the session, whoever deletes that.
"""

import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from allauth.core import context
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import Error, connection, models, transaction
from django.dispatch import Signal, receiver
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.changes import UserChange, users_changed

# Sent with `user` and `count` where somebody ends sessions on purpose, in its transaction.
sessions_ended = Signal()

# In a session: `since` and `seen` (seconds since 1970), `address` and `browser`.
DEVICE = "device"
BROWSER_MAX = 300  # characters of what a browser says it is
_CONTENT = "SELECT session_data FROM django_session WHERE session_key = %s AND expire_date > %s"


class Session(AbstractBaseSession):
    """A session in Django's own table, with columns of ours.

    They are empty where a release before this one made it, which may still be serving, and
    `user` is where nobody is signed in.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.DO_NOTHING,
        null=True,
        db_constraint=False,
        related_name="sessions",
    )
    since = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)
    address = models.GenericIPAddressField(null=True)
    browser = models.CharField(max_length=BROWSER_MAX, default="", db_default="")

    class Meta:
        managed = False
        db_table = "django_session"

    @classmethod
    def get_session_store_class(cls) -> type["SessionStore"]:
        """Return what reads and writes a session."""
        return SessionStore

    @property
    def handle(self) -> str:
        """Return by what pages name this session: its key would let in who reads it there."""
        return salted_hmac("accounts.sessions", self.pk, algorithm="sha256").hexdigest()[:32]


class SessionStore(db.SessionStore):
    """Django's own, with a statement for reading that need not be put together each time.

    A session ends SESSION_DAYS after the sign-in, or SESSION_IDLE_HOURS after it was used last.
    """

    @classmethod
    def get_model_class(cls) -> type[Session]:
        """Return the model of the rows."""
        return Session

    def load(self) -> dict[str, Any]:
        """Return what the session holds: nothing where it has ended or never was."""
        with connection.cursor() as cursor:
            cursor.execute(_CONTENT, [self.session_key, timezone.now()])
            row = cursor.fetchone()
        if row is None:
            self._session_key = None
            return {}
        return self.decode(row[0])

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        """Return the row in which that is kept."""
        session: Any = super().create_model_instance(data)
        session.seen_at = timezone.now()
        session.user_id = data.get(SESSION_KEY)
        if device := data.get(DEVICE):
            session.since = datetime.fromtimestamp(device["since"], tz=UTC)
            session.address, session.browser = device["address"], device["browser"]
        return session

    def save(self, must_create: bool = False) -> None:
        """Keep the session. Raises UpdateError where it has ended meanwhile, and nothing else so.

        Django takes any error of the database for that, also where the database went away.
        """
        try:
            super().save(must_create)
        except UpdateError as error:
            if isinstance(error.__context__, Error) and error.__context__.__cause__:
                raise error.__context__ from error.__context__.__cause__
            raise

    def get_expiry_age(self, **kwargs: Any) -> int:
        """Return for how many seconds the session lasts if nothing is heard of it any more."""
        age = super().get_expiry_age(**kwargs)
        if device := self.get(DEVICE):
            age = min(age, int(device["since"] + settings.SESSION_COOKIE_AGE - time.time()))
            if settings.SESSION_IDLE_HOURS:
                age = min(age, settings.SESSION_IDLE_HOURS * 3600)
        return max(age, 0)

    def get_expiry_date(self, **kwargs: Any) -> datetime:
        """Return when that is."""
        return timezone.now() + timedelta(seconds=self.get_expiry_age())


def end_sessions(user_id: Any, *, but: str | None = None) -> int:
    """Delete all sessions of a user, with the address they hold; return how many.

    `but` is the key of one that stays.
    """
    theirs = set(Session.objects.filter(user_id=user_id).values_list("pk", flat=True))
    for older in Session.objects.filter(seen_at=None).iterator():
        if older.get_decoded().get(SESSION_KEY) == str(user_id):
            theirs.add(older.pk)
    ended, _by_model = Session.objects.filter(pk__in=theirs - {but}).delete()
    return ended


@transaction.atomic
def sign_out_of(user: Any, sessions: Sequence[Session]) -> int:
    """End some of a user's sessions on purpose, and announce it; return how many."""
    ended, _by_model = Session.objects.filter(user=user, pk__in=[s.pk for s in sessions]).delete()
    if ended:
        sessions_ended.send(sender=Session, user=user, count=ended)
    return ended


@transaction.atomic
def sign_out_everywhere(user: Any, *, but: str | None = None) -> int:
    """End all of a user's sessions on purpose but the one of that key, and announce it."""
    ended = end_sessions(user.pk, but=but)
    if ended:
        sessions_ended.send(sender=Session, user=user, count=ended)
    return ended


def open_sessions(user: Any) -> list[Session]:
    """Return the sessions in which a user is signed in, newest first."""
    rows = Session.objects.filter(user=user, expire_date__gt=timezone.now())
    return list(rows.defer("session_data").order_by("-seen_at"))


@receiver(users_changed)
def end_what_others_may_hold(sender: Any, changes: Sequence[UserChange], **kwargs: Any) -> None:
    """End the sessions of whoever was switched off, lost the role, or has another password.

    All but the one in which it is done: whether that may go on is Django's to decide.
    """
    for change in changes:
        rekeyed = change.differs("password") and not change.details.get("rehashed")
        off = change.differs("active") and not change.after["active"]
        without_role = change.before.get("roles") and not change.after["roles"]
        if change.before and (rekeyed or off or without_role):
            end_sessions(change.user_id, but=_present())


def _present() -> str | None:
    """Return the key of the session in which all this happens; None outside of any."""
    request: Any = context.request
    return request.session.session_key if request else None
