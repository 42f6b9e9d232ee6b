"""Who may read along with a page, asked when its stream begins and again while it lasts."""

from dataclasses import dataclass
from http import HTTPStatus
from uuid import UUID

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.sessions.backends.base import SessionBase
from django.db import DatabaseError, InterfaceError, close_old_connections
from django.http import Http404, HttpRequest, parse_cookie
from django.utils.module_loading import import_string

from activity.models import ActivityEvent
from contacts.models import Contact, ContactGone, ContactMerged


class Refused(Exception):
    """A stream is not for who asks; `status` says why, as in an answer to a page."""

    def __init__(self, status: HTTPStatus) -> None:
        super().__init__(status.phrase)
        self.status = status


@dataclass(frozen=True)
class Admission:
    """What somebody may read along with, and the newest event there."""

    user_id: UUID
    contact_ids: tuple[UUID, ...]
    newest: int


def admit(cookies: str, contact: UUID) -> Admission:
    """Return what the session of these cookies may read along with, at the page of a contact.

    Raises Refused: 401 without a session, 403 without the right, 404 and 410 without the contact,
    503 without the database. Waits for that, so a thread has to call it.
    """
    try:
        return _admit(cookies, contact)
    except (DatabaseError, InterfaceError):
        raise Refused(HTTPStatus.SERVICE_UNAVAILABLE) from None
    finally:
        close_old_connections()


def _admit(cookies: str, contact: UUID) -> Admission:
    request = HttpRequest()
    request.session = _session(parse_cookie(cookies).get(settings.SESSION_COOKIE_NAME))
    user = get_user(request)
    if not user.is_authenticated:
        raise Refused(HTTPStatus.UNAUTHORIZED)
    owes = getattr(user, "owes_second_factor", False)
    if owes or not user.has_perm("contacts.view_contact"):
        raise Refused(HTTPStatus.FORBIDDEN)
    try:
        ids = Contact.objects.present(contact).all_ids
    except ContactGone:
        raise Refused(HTTPStatus.GONE) from None
    except (ContactMerged, Http404):
        raise Refused(HTTPStatus.NOT_FOUND) from None
    newest = ActivityEvent.objects.of(*ids).values_list("id", flat=True).first()
    return Admission(user.pk, tuple(ids), newest or 0)


def _session(key: str | None) -> SessionBase:
    return import_string(f"{settings.SESSION_ENGINE}.SessionStore")(key)
