"""What the admin's page of one user shows of invitations."""

from django.contrib import admin
from django.utils.formats import date_format
from django.utils.html import format_html_join
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.admin import show_of_users
from accounts.models import User
from contacts.models import Invitation

NEWEST = 20  # invitations listed


@show_of_users
@admin.display(description=gettext_lazy("invitations sent"))
def invitations_sent(user: User) -> str:
    """List the newest invitations that the user has sent, each leading to its contact."""
    sent = Invitation.objects.filter(inviter=user).select_related("contact").order_by("-pk")
    rows = [
        (
            each.contact.get_absolute_url(),
            each.contact,
            each.email,
            each.get_state_display(),
            date_format(localtime(each.created_at), "SHORT_DATETIME_FORMAT"),
        )
        for each in sent[:NEWEST]
    ]
    if not rows:
        return _("None")
    return format_html_join("", '<div><a href="{}">{}</a>, {}: {}, {}</div>', rows)


@show_of_users
@admin.display(description=gettext_lazy("portal access"))
def portal_access(user: User) -> str:
    """List the contacts whose conversation the user sees in the portal."""
    given = Invitation.objects.giving_access(user).select_related("contact")[:NEWEST]
    rows = [(each.contact.get_absolute_url(), each.contact) for each in given]
    if not rows:
        return _("None")
    return format_html_join("", '<div><a href="{}">{}</a></div>', rows)
