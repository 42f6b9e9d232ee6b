"""The operations page: how Annals is doing, for administrators, and what they can do about it."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from activity.ledger.status import status
from config.doctor import findings as look
from config.operations.retention import retention
from config.operations.runs import read_runs
from config.operations.storage import read_storage
from config.operations.versions import versions, waiting_migrations
from config.operations.work import read_mail
from config.operations.workers import read_queues
from contacts.attention import troubled_mails
from contacts.models import Blocked, Delivery
from contacts.models.blocking import TooMany
from contacts.views.answers import SeeOther

LISTED = 20  # mails that did not arrive; the administration lists all

for_administrators = permission_required("accounts.access_admin", raise_exception=True)


@require_safe
@for_administrators
@never_cache
def operations(request: HttpRequest) -> HttpResponse:
    """Show how Annals is doing."""
    queues = read_queues()
    context: dict[str, Any] = {
        "now": timezone.now(),
        "queues": queues,
        "mail": read_mail(),
        "troubled": troubled_mails(None)[:LISTED],
        "runs": read_runs(),
        "sealing": status(),
        "storage": read_storage(),
        "versions": versions() | {"Redis": queues.version or "–"},
        "migrations": waiting_migrations(),
        "retention": retention(),
    }
    return render(request, "operations/page.html", context)


@require_safe
@for_administrators
@never_cache
def findings(request: HttpRequest) -> HttpResponse:
    """Look for what is wrong with the installation, as `manage.py doctor` does, and show it."""
    return render(request, "operations/findings.html", {"findings": look()})


@require_POST
@for_administrators
def repeat(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Send a mail again that did not arrive."""
    return _did(
        request,
        lambda: Delivery.objects.repeat(pk, by=request.user),
        _("It is sent again."),
        _("It did not need to be sent again."),
    )


@require_POST
@for_administrators
def arrived(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Note that a mail arrived of which nobody knew: a person has asked."""
    return _did(
        request,
        lambda: Delivery.objects.note_arrived(pk),
        _("Noted that it arrived."),
        _("What became of it is known by now."),
    )


def _did(request: HttpRequest, act: Callable[[], bool], done: str, needless: str) -> HttpResponse:
    try:
        messages.success(request, done) if act() else messages.info(request, needless)
    except (Blocked, TooMany) as obstacle:
        messages.error(request, str(obstacle))
    except IntegrityError:
        messages.error(request, _("Another invitation to this address is open."))
    return SeeOther(reverse("operations"))
