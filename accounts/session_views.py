"""Ending sessions of one's own: on a device that was lost, or lent."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from accounts.sessions import open_sessions, sign_out_everywhere, sign_out_of
from accounts.sudo import sudo_required

PAGE = "preferences"  # who has a portal only is led on to their own


@require_POST
@sudo_required(label=gettext_lazy("Sign out there"))
def end(request: HttpRequest, handle: str) -> HttpResponse:
    """Sign out one other device. Whoever wants to end this session signs out."""
    user: Any = request.user
    others = [each for each in open_sessions(user) if each.pk != request.session.session_key]
    chosen = [session for session in others if session.handle == handle]
    if not chosen:
        raise Http404
    sign_out_of(user, chosen)
    messages.success(request, _("Signed out there"))
    return redirect(PAGE)


@require_POST
@sudo_required(label=gettext_lazy("Sign out everywhere else"))
def end_others(request: HttpRequest) -> HttpResponse:
    """Sign out all other devices."""
    user: Any = request.user
    count = sign_out_everywhere(user, but=request.session.session_key)
    text = ngettext(
        "Signed out on %(count)d other device", "Signed out on %(count)d other devices", count
    )
    messages.success(request, text % {"count": count})
    return redirect(PAGE)
