"""The inbox: what others did that somebody wants to know of, read and unread."""

from datetime import UTC

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import trigger_client_event

from activity.inbox import reading
from activity.models import Notification
from activity.templatetags.activity import number
from contacts.views.answers import SeeOther, toast

may_read = permission_required("contacts.view_contact", raise_exception=True)
CHANGED = "inbox"  # what the counts of a page listen to


@require_safe
@may_read
def inbox(request: HttpRequest) -> HttpResponse:
    """Show what is unread, or with `?show=all` everything of the last 90 days."""
    return render(request, "activity/inbox/page.html", _context(request))


@require_safe
@may_read
def count(request: HttpRequest) -> HttpResponse:
    """Answer with how many are unread, as the navigation shows it."""
    return render(request, "activity/inbox/_count.html")


@require_POST
@may_read
def mark(request: HttpRequest, pk: int, *, read: bool) -> HttpResponse:
    """Mark one as read or as unread."""
    notifications = Notification.objects.of(request.user)
    one = notifications.filter(pk=pk)
    found = get_object_or_404(one.with_events())
    one.mark_read() if read else one.mark_unread()
    if not request.htmx:
        return SeeOther(_address(everything="show" in request.POST))
    found.refresh_from_db(fields=["read_at"])
    [item] = reading.items([found])
    response = render(request, "activity/inbox/_item.html", {"item": item})
    return trigger_client_event(response, CHANGED, {})


@require_POST
@may_read
def mark_all(request: HttpRequest) -> HttpResponse:
    """Mark as read what the page had shown, and what is older; what came since stays unread."""
    unread = Notification.objects.of(request.user)
    try:
        until = parse_datetime(request.POST.get("until", ""))
        # In UTC: PostgreSQL reads no time of a zone that is 16 hours away or more.
        until = until.astimezone(UTC) if until and until.tzinfo else None
    except (ValueError, OverflowError):
        until = None
    if until:
        unread = unread.filter(at__lte=until)
    marked = unread.mark_read()
    text = ngettext("%(count)d marked as read", "%(count)d marked as read", marked)
    text %= {"count": marked}
    if not request.htmx:
        messages.success(request, text)
        return SeeOther(_address())
    response = render(request, "activity/inbox/_list.html", _context(request))
    return trigger_client_event(toast(response, text), CHANGED, {})


def _context(request: HttpRequest) -> dict[str, object]:
    everything = request.GET.get("show") == "all"
    before = number(request.GET.get("before"))
    page = reading.read(request.user, everything=everything, before=before)
    return {"page": page, "everything": everything, "is_further": bool(before)}


def _address(*, everything: bool = False) -> str:
    return reverse("inbox") + ("?show=all" if everything else "")
