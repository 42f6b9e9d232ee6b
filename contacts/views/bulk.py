"""Bulk actions: who was selected, what is to be done, and how far it is."""

from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.sudo import ask, confirmed_lately
from contacts.filtering import ContactFilter
from contacts.forms.bulk import FORMS, ParametersForm, SelectionForm
from contacts.models import ACTIONS, BulkRun, Contact, Invitation, TooMany, Unselectable
from contacts.views.answers import SeeOther, led_on, refusal

NEWEST = 100  # runs listed
SKIPS_SHOWN_WHILE_RUNNING = 20  # contacts left out that travel with each poll
SKIPS_SHOWN = 500
KEPT = ("q", "status", "tag", "owner", "sort")  # of the list's address

may_act_in_bulk = permission_required("contacts.act_in_bulk", raise_exception=True)


@require_safe
@may_act_in_bulk
def runs(request: HttpRequest) -> HttpResponse:
    """List the bulk actions that were started, newest first."""
    newest = BulkRun.objects.exclude(state=BulkRun.State.DRAFT).select_related("started_by")
    context = {"runs": newest.defer("contact_ids", "parameters")[:NEWEST]}
    return render(request, "contacts/bulk/list.html", context)


@require_POST
@may_act_in_bulk
@transaction.atomic
def select(request: HttpRequest) -> HttpResponse:
    """Fix the selection, and ask what exactly is to be done with it."""
    form = SelectionForm(request.POST)
    if not form.is_valid():
        return _refused(request, str(next(iter(form.errors.values()))[0]))
    action = form.cleaned_data["action"]
    if not request.user.has_perm(ACTIONS[action].permission):
        raise PermissionDenied
    contacts = Contact.objects.unmerged().filter(pk__in=form.cleaned_data["contact"])
    if form.cleaned_data["everyone"]:
        contacts = ContactFilter.of(request.POST, get_user_model().objects.none()).contacts()
    try:
        run = BulkRun.select(action, contacts, request.user, _query(request.POST))
    except Unselectable as problem:
        return _refused(request, str(problem))
    if request.htmx:
        return _asked(request, run, FORMS[action](run, request.user))
    return SeeOther(run.get_absolute_url())


@require_http_methods(["GET", "HEAD", "POST"])
@may_act_in_bulk
@transaction.atomic
def run(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show how far a run is; of a draft, ask what is to be done, and on POST do it.

    What sends mail is reviewed first.
    """
    found = _found(pk, lock=request.method == "POST")
    if not found.is_draft:
        address = found.get_absolute_url()
        return led_on(request, address) if request.htmx else _page(request, found)
    _require_own(request, found)
    form = FORMS[found.action](
        found, request.user, request.POST if request.method == "POST" else None
    )
    if not form.is_valid():
        return _asked(request, found, form, status=422 if form.is_bound else 200)
    found.draft(form.parameters)
    if not found.kind.mails:
        return _started(request, found)
    if request.htmx:
        return _reviewed(request, found)
    return SeeOther(reverse("bulk_review", args=[pk]))


@require_http_methods(["GET", "HEAD", "POST"])
@may_act_in_bulk
@transaction.atomic
def review(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show who will get what, and who will not; on POST, start exactly that."""
    found = _found(pk, lock=request.method == "POST")
    if not found.is_draft:
        return led_on(request, found.get_absolute_url())
    _require_own(request, found)
    if not found.parameters:
        return redirect(found)
    if request.method != "POST":
        return _reviewed(request, found)
    if request.POST.get("digest") != found.digest:
        changed = _("This was changed since you looked at it. Look again, then send.")
        return _reviewed(request, found, changed, status=409)
    if found.parameters.get("role") == Invitation.Role.TEAM and not confirmed_lately(request):
        return ask(request, _("Invite now"))
    return _started(request, found)


@require_safe
@may_act_in_bulk
def progress(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Answer with the part of a run's page that moves."""
    return render(request, "contacts/bulk/_progress.html", _progress(_found(pk)))


@require_POST
@may_act_in_bulk
@transaction.atomic
def stop(request: HttpRequest, pk: UUID) -> HttpResponse:
    """End a run early; what is done stays done."""
    found = _found(pk, lock=True)
    found.stop()
    if request.htmx:
        return render(request, "contacts/bulk/_progress.html", _progress(found))
    return SeeOther(found.get_absolute_url())


@require_POST
@may_act_in_bulk
@transaction.atomic
def undo(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take back what a run did, by another run."""
    found = _found(pk, lock=True)
    if not request.user.has_perm(found.kind.permission):
        raise PermissionDenied
    return SeeOther((found.undo(request.user) or found).get_absolute_url())


def _found(pk: UUID, *, lock: bool = False) -> BulkRun:
    runs = BulkRun.objects.select_related("started_by").defer("contact_ids")
    return get_object_or_404(runs.select_for_update(of=("self",)) if lock else runs, pk=pk)


def _require_own(request: HttpRequest, found: BulkRun) -> None:
    """Let nobody start what somebody else has prepared, or what they may not do themselves."""
    required = found.kind.permissions(found.parameters)
    if found.started_by != request.user or not request.user.has_perms(required):
        raise PermissionDenied


def _query(asked: QueryDict) -> str:
    """Return what the list's address was narrowed by, as its query."""
    kept = QueryDict(mutable=True)
    kept.update({name: asked[name] for name in KEPT if asked.get(name)})
    return kept.urlencode()


def _refused(request: HttpRequest, text: str) -> HttpResponse:
    if request.htmx:
        return refusal(text, 422)
    context = {"text": text, "query": _query(request.POST)}
    return render(request, "contacts/bulk/refused.html", context, status=422)


def _asked(
    request: HttpRequest, found: BulkRun, form: ParametersForm, status: int = 200
) -> HttpResponse:
    template = "contacts/bulk/_ask.html" if request.htmx else "contacts/bulk/ask.html"
    return render(request, template, {"run": found, "form": form}, status=status)


def _reviewed(
    request: HttpRequest, found: BulkRun, problem: str = "", status: int = 200
) -> HttpResponse:
    template = "contacts/bulk/_review.html" if request.htmx else "contacts/bulk/review.html"
    context: dict[str, Any] = {"run": found, "problem": problem}
    if found.action == "message":
        context["letters"] = found.first_letters()
    return render(request, template, context, status=status)


def _started(request: HttpRequest, found: BulkRun) -> HttpResponse:
    try:
        found.start()
    except TooMany as problem:
        return _reviewed(request, found, str(problem), status=429)
    return led_on(request, found.get_absolute_url())


def _page(request: HttpRequest, found: BulkRun) -> HttpResponse:
    return render(request, "contacts/bulk/run.html", _progress(found))


def _progress(found: BulkRun) -> dict[str, object]:
    shown = SKIPS_SHOWN_WHILE_RUNNING if found.is_active else SKIPS_SHOWN
    return {"run": found, "tally": found.tally(), "skips": found.first_skips(shown)}
