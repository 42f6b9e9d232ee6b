"""What the page of one user shows beside the form: sessions, second factors, and more."""

from collections.abc import Callable
from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.devices import in_words
from accounts.models import User
from accounts.sessions import open_sessions

END = "end_session"  # name of the boxes beside sessions
TYPES = {
    Authenticator.Type.TOTP: gettext_lazy("Authenticator app"),
    Authenticator.Type.WEBAUTHN: gettext_lazy("Passkey"),
    Authenticator.Type.RECOVERY_CODES: gettext_lazy("Recovery codes"),
}
# What other apps know of users.
_more: list[Callable[[User], str]] = []


def show_of_users(draw: Callable[[User], str]) -> Callable[[User], str]:
    """Have the page of each user show what `draw` returns of that user (a decorator).

    Its label comes from `admin.display`.
    """
    _more.append(draw)
    return draw


class Details:
    """Rows of the page of one user that are only read, but for the boxes that end sessions."""

    @admin.display(description=gettext_lazy("second factors"))
    def second_factors(self, user: User) -> str:
        """List what the user proves more than a password with."""
        held = user.authenticator_set.order_by("created_at")
        lines = [
            _("%(factor)s, since %(day)s")
            % {"factor": _name_of(each), "day": _day(each.created_at)}
            for each in held
        ]
        return _listed(lines)

    @admin.display(description=gettext_lazy("signed in on"))
    def open_sessions(self, user: User) -> str:
        """List the user's sessions, each with a box that ends it when the form is saved."""
        rows = [
            (
                END,
                session.handle,
                in_words(session.browser),
                session.address or "",
                _("since %(since)s, last used %(seen)s")
                % {"since": _moment(session.since), "seen": _moment(session.seen_at)},
            )
            for session in open_sessions(user)
        ]
        if not rows:
            return _("None")
        boxes = format_html_join(
            "",
            '<div><label><input type="checkbox" name="{}" value="{}"> {}</label> {} {}</div>',
            rows,
        )
        return format_html("{}{}", boxes, _("What is ticked is signed out when you save."))

    def rows(self) -> tuple[Any, ...]:
        """Return all rows, those of other apps among them."""
        return ("second_factors", "open_sessions", *_more)


def _name_of(factor: Authenticator) -> str:
    name = str(TYPES[Authenticator.Type(factor.type)])
    return f"{name}: {factor}" if factor.type == Authenticator.Type.WEBAUTHN else name


def _listed(lines: list[str]) -> str | SafeString:
    if not lines:
        return _("None")
    return format_html_join("", "<div>{}</div>", ((each,) for each in lines))


def _day(moment: Any) -> str:
    return date_format(localtime(moment), "DATE_FORMAT")


def _moment(moment: Any) -> str:
    return date_format(localtime(moment), "SHORT_DATETIME_FORMAT") if moment else "–"
