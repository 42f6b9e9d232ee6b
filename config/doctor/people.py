"""Who looks after it, and when all of it was last saved and proven."""

from collections.abc import Iterator
from datetime import timedelta

from allauth.mfa.models import Authenticator
from django.contrib.auth import get_user_model
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import demo
from accounts.roles import Role
from activity.ledger.status import State, status
from config.backup.saving import newest
from config.doctor.configuration import is_deployment
from config.doctor.finding import Finding, error, warning

BACKUP = timedelta(hours=36)  # one a night, and half a day of patience


def administrators() -> Iterator[Finding]:
    """Is there an administrator, and does a password alone not make one?"""
    people = get_user_model().objects.filter(is_active=True, groups__name=Role.ADMINISTRATOR)
    if not people.exists():
        yield error(
            _("Nobody is an administrator."),
            _("Run: manage.py createsuperuser"),
        )
    elif is_deployment() and not Authenticator.objects.filter(user__in=people).exists():
        yield warning(
            _("No administrator has a second step: whoever guesses a password has everything."),
            _("Have each set up a passkey or an app for codes, under their own preferences."),
        )


def demo_people() -> Iterator[Finding]:
    """Can anybody sign in as somebody of the demo?"""
    if not is_deployment():
        return
    addresses = [email for email, _name, _role in demo.PEOPLE]
    people = get_user_model().objects.filter(email__in=addresses, is_active=True)
    if any(each.check_password(demo.PASSWORD) for each in people):
        yield error(
            _("People of the demo can sign in, with a password that everybody knows."),
            _("Deactivate them in the administration, under Users."),
        )


def backups() -> Iterator[Finding]:
    """Was everything saved lately?"""
    made = newest()
    if made and timezone.now() - made < BACKUP:
        return
    if not made and not is_deployment():
        return
    text = (
        _("The last backup was made %(days)s days ago.") % {"days": (timezone.now() - made).days}
        if made
        else _("No backup was ever made.")
    )
    yield warning(text, _("Run each night, as the owner: manage.py backup FILE"))


def proof() -> Iterator[Finding]:
    """Is the log what was written?"""
    found = status()
    if found.state == State.BROKEN:
        yield error(
            _("The log is not what was sealed, or cannot be sealed any more."),
            _("Run: manage.py verify_ledger. What to do then is in docs/audit.md."),
        )
    elif found.state == State.OFF:
        yield warning(
            _("The log is not sealed, so that it proves nothing."),
            _("Set ANNALS_LEDGER_KEY for the worker: openssl rand -base64 32"),
        )
    elif found.is_late:
        yield warning(
            _("Events wait to be sealed for more than a minute."),
            _("Look whether worker and beat run, and whether the worker has ANNALS_LEDGER_KEY."),
        )
    elif found.is_overdue:
        yield warning(
            _("The log was not verified for two days."),
            _("Look whether worker and beat run, or run: manage.py verify_ledger"),
        )


CHECKS = (administrators, demo_people, backups, proof)
