"""The mailbox: what Annals would have sent, had it been told a mail server."""

import re
from collections.abc import Callable
from functools import wraps
from typing import Any

from csp.constants import NONE, SELF
from csp.decorators import csp, csp_update
from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from config.mail import folder

PAGE_SIZE = 50
# A link of a mail opens outside the frame it is shown in: an invitation's page allows no frame.
SANDBOX = (
    "allow-top-navigation-by-user-activation",
    "allow-popups",
    "allow-popups-to-escape-sandbox",
)
BASE = '<base target="_top">'

View = Callable[..., Any]


def for_administrators(view: View) -> View:
    """Answer administrators, with 404 where mail is sent instead of kept."""

    @wraps(view)
    def answer(request: HttpRequest, **which: Any) -> HttpResponse:
        if not folder.is_used():
            raise Http404
        return view(request, **which)

    may = permission_required("accounts.access_admin", raise_exception=True)
    return require_safe(may(never_cache(answer)))


@for_administrators
def mailbox(request: HttpRequest) -> HttpResponse:
    """List the mails, newest first."""
    page = Paginator(folder.names(), PAGE_SIZE).get_page(request.GET.get("page"))
    mails = [mail for name in page if (mail := folder.find(name))]
    return render(request, "mailbox/list.html", {"page": page, "mails": mails})


@for_administrators
@csp_update({"frame-src": [SELF]})  # type: ignore[arg-type]  # its types know no view with arguments
def kept_mail(request: HttpRequest, name: str) -> HttpResponse:
    """Show a mail."""
    mail = _find(name)
    context = {"mail": mail, "text": mail.part("plain"), "html": bool(mail.part("html"))}
    return render(request, "mailbox/mail.html", context | {"sandbox": " ".join(SANDBOX)})


@for_administrators
@xframe_options_sameorigin
@csp(  # type: ignore[arg-type]
    {
        "default-src": [NONE],
        "style-src": ["'unsafe-inline'"],  # mail programs read no other
        "img-src": ["data:"],
        "base-uri": [NONE],
        "form-action": [NONE],
        "frame-ancestors": [SELF],
        "sandbox": SANDBOX,
    }
)
def html_part(request: HttpRequest, name: str) -> HttpResponse:
    """Answer with the HTML of a mail, as the frame of its page shows it."""
    html = _find(name).part("html")
    if not html:
        raise Http404
    inside, found = re.subn(r"(?i)<head(\s[^>]*)?>", lambda tag: tag[0] + BASE, html, count=1)
    return HttpResponse(inside if found else BASE + html)


@for_administrators
def attachment(request: HttpRequest, name: str, number: int) -> HttpResponse:
    """Answer with an attached file, counted from 1; it is saved, never shown."""
    attachments = _find(name).attachments
    if not 1 <= number <= len(attachments):
        raise Http404
    file_name, file = attachments[number - 1]
    response = HttpResponse(file.get_payload(decode=True), content_type="application/octet-stream")
    disposition = content_disposition_header(True, file_name or str(number))
    response.headers["Content-Disposition"] = disposition
    return response


def _find(name: str) -> folder.KeptMail:
    mail = folder.find(name)
    if mail is None:
        raise Http404
    return mail
