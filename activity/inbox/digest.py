"""Mails about what waits unread in somebody's inbox: who did what where, never what they said.

One mail a period. What was read meanwhile is left out, and without news there is no mail.
"""

import datetime
import logging
import zoneinfo
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from activity.inbox.reading import Item, items
from activity.models import Notification
from contacts.mail_slots import slot
from contacts.models.lease import held
from contacts.models.mention import READS
from contacts.rendering import render_mail
from contacts.smtp import Refused, Uncertain

logger = logging.getLogger(__name__)

LEASE = UUID(int=0x616E6E616C730007)
MOST = 30  # things that one mail tells; of more, how many there are
MORNING = datetime.time(8)  # of the day of whoever is mailed


def sweep() -> None:
    """Mail everybody whose period is over and who has not read everything.

    Where mail servers keep too many threads waiting, the rest is left to the next sweep.
    """
    with held(LEASE) as ours:
        if not ours:
            return
        waiting = Notification.objects.waiting().filter(user=OuterRef("pk"))
        users = User.objects.active().exclude(digest=User.Digest.NEVER)
        for user in users.filter(Exists(waiting)).order_by("pk"):
            with slot() as free:
                if not free:
                    return
                _mail(user, timezone.now())


def _mail(user: User, now: datetime.datetime) -> None:
    """Mail one user what waited when the period ended, and note that first.

    Whatever happens then, nothing is told twice; where the mail certainly did not leave, it is
    tried again with the next sweep.
    """
    end = ENDS[user.digest](user, now)
    told = _claim(user, end, now) if user.has_perm(READS) else []
    if not told:
        return
    try:
        _letter(user, told).send()
    except (Refused, Uncertain) as error:
        logger.warning("The mail about the inbox of user %s was given up: %s", user.pk, error)
    except Exception:
        logger.exception("The mail about the inbox of user %s could not be sent", user.pk)
        keys = [item.notification.pk for item in told]
        Notification.objects.filter(pk__in=keys).update(mailed_at=None)


@transaction.atomic
def _claim(user: User, end: datetime.datetime, now: datetime.datetime) -> list[Item]:
    """Return what is to be told, and note that it is; nothing where this period had its mail."""
    theirs = Notification.objects.of(user)
    # What was mailed after now was so before the clock was set back.
    had = theirs.filter(mailed_at__gte=end, mailed_at__lte=now)
    if user.digest != User.Digest.AT_ONCE and had.exists():
        return []
    waiting = theirs.waiting().filter(at__lte=end).select_for_update(of=("self",))
    found = list(waiting.with_events())
    theirs.filter(pk__in=[each.pk for each in found]).update(mailed_at=now)
    return [item for item in items(found) if not item.is_gone]


def _letter(user: User, told: list[Item]) -> EmailMultiAlternatives:
    preferences = f"{settings.SITE_URL}{reverse('preferences')}#told"
    context = {
        "items": told[:MOST],
        "count": len(told),
        "first": told[0],
        "left": max(0, len(told) - MOST),
        "inbox": f"{settings.SITE_URL}{reverse('inbox')}",
        "preferences": preferences,
    }
    with timezone.override(zoneinfo.ZoneInfo(user.time_zone)):
        written = render_mail("digest", context, language=user.language)
    headers = {"List-Unsubscribe": f"<{preferences}>", "Auto-Submitted": "auto-generated"}
    mail = EmailMultiAlternatives(written.subject, written.text, to=[user.email], headers=headers)
    mail.attach_alternative(written.html, "text/html")
    return mail


def _now(user: User, now: datetime.datetime) -> datetime.datetime:
    return now


def _hour(user: User, now: datetime.datetime) -> datetime.datetime:
    return now.replace(minute=0, second=0, microsecond=0)


def _morning(user: User, now: datetime.datetime) -> datetime.datetime:
    """Return the last eight o'clock in the morning in the user's zone."""
    zone = zoneinfo.ZoneInfo(user.time_zone)
    here = now.astimezone(zone)
    morning = datetime.datetime.combine(here.date(), MORNING, zone)
    if morning > here:
        morning = datetime.datetime.combine(here.date() - datetime.timedelta(1), MORNING, zone)
    return morning


# When the period ended whose news are to be mailed now.
ENDS: dict[str, Callable[[Any, datetime.datetime], datetime.datetime]] = {
    User.Digest.AT_ONCE: _now,
    User.Digest.HOURLY: _hour,
    User.Digest.DAILY: _morning,
}
