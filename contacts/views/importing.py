"""Importing contacts: the file, its columns, how far the import is, what it could not use."""

from itertools import chain
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.sudo import sudo_required
from accounts.throttling import IMPORTS, limited
from contacts.forms.importing import ColumnsForm, ImportFileForm
from contacts.importing.text import UnreadableFile
from contacts.importing.upload import takes_files
from contacts.models import ImportRun
from contacts.models.import_receiving import too_large
from contacts.models.import_reverting import PERMISSIONS
from contacts.spreadsheet import csv_lines

NEWEST = 100  # imports listed
SHOWN_WHILE_RUNNING = 20  # failed rows that travel with each poll
SHOWN = 500  # failed rows on the page; the download has all
WITH_PEOPLE = ("started_by", "reverted_by")


@require_safe
@permission_required("contacts.import_contacts", raise_exception=True)
def imports(request: HttpRequest) -> HttpResponse:
    """List the imports, newest first."""
    runs = ImportRun.objects.select_related("started_by").defer("samples")[:NEWEST]
    return render(request, "contacts/import/list.html", {"runs": runs})


@takes_files("IMPORT_MAX_BYTES")
@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("contacts.import_contacts", raise_exception=True)
@limited(IMPORTS)
def import_new(request: HttpRequest) -> HttpResponse:
    """Ask for a file; with one that holds contacts, go on to its columns."""
    form = ImportFileForm(*(request.POST, request.FILES) if request.method == "POST" else ())
    if "upload_too_large" in request.META:  # noted by contacts.importing.upload, which kept nothing
        form.errors.pop("file", None)
        form.add_error("file", str(too_large(request.META["upload_too_large"])))
    if form.is_valid():
        given = form.cleaned_data
        try:
            return redirect(
                ImportRun.receive(given["file"], request.user, given["id"], given["source"])
            )
        except UnreadableFile as problem:
            form.add_error("file", str(problem))
    context = {
        "form": form,
        "limit": settings.IMPORT_MAX_BYTES,
        "sources": ImportRun.sources(),
    }
    status = 422 if form.is_bound else 200
    return render(request, "contacts/import/new.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("contacts.import_contacts", raise_exception=True)
@transaction.atomic
def import_mapping(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show where the columns go and what the first rows become; on POST, try or start it."""
    is_sent = request.method == "POST"
    runs = ImportRun.objects.select_for_update() if is_sent else ImportRun.objects.all()
    run = get_object_or_404(runs, pk=pk)
    if not run.is_open:
        return redirect("import_run", pk=pk)
    wants_import = is_sent and "preview" not in request.POST
    try:
        form = ColumnsForm(run, request.POST if wants_import else None, proposed=request.POST)
    except FileNotFoundError:
        messages.error(request, _("The file is no longer there. Upload it again."))
        return redirect("import_new")
    if form.is_valid():
        run.start(**form.choices, dry_run="check" in request.POST)
        return redirect("import_run", pk=pk)
    context = {"run": run, "form": form, "rows": _preview(run, form)}
    context["sources"] = ImportRun.sources()
    status = 422 if form.is_bound else 200
    return render(request, "contacts/import/columns.html", context, status=status)


@require_safe
@permission_required("contacts.import_contacts", raise_exception=True)
def import_preview(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Answer with what the first rows become under the choices in the address."""
    run = get_object_or_404(ImportRun, pk=pk)
    if not run.is_open:
        raise Http404
    try:
        form = ColumnsForm(run, proposed=request.GET)
    except FileNotFoundError:
        raise Http404 from None
    context = {"run": run, "rows": _preview(run, form)}
    return render(request, "contacts/import/_preview.html", context)


def _preview(run: ImportRun, form: ColumnsForm) -> list:
    return run.preview(form.targets, form["source"].value() or "")


@require_POST
@permission_required("contacts.import_contacts", raise_exception=True)
@transaction.atomic
def import_start(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Import what was tried, with the same choices."""
    run = get_object_or_404(ImportRun.objects.select_for_update(), pk=pk)
    if run.dry_run:
        run.start(run.targets, source=run.source, existing=run.existing)
    return redirect(run)


@require_safe
@permission_required("contacts.import_contacts", raise_exception=True)
def import_run(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show how far an import is, what it brought in and what it could not use."""
    run = get_object_or_404(ImportRun.objects.select_related(*WITH_PEOPLE), pk=pk)
    if run.state == ImportRun.State.DRAFT:
        return redirect(run)
    return render(request, "contacts/import/run.html", _progress(request, run))


@require_safe
@permission_required("contacts.import_contacts", raise_exception=True)
def import_progress(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Answer with the part of that page that moves."""
    run = get_object_or_404(ImportRun.objects.select_related(*WITH_PEOPLE), pk=pk)
    return render(request, "contacts/import/_progress.html", _progress(request, run))


@require_POST
@permission_required("contacts.import_contacts", raise_exception=True)
@transaction.atomic
def import_stop(request: HttpRequest, pk: UUID) -> HttpResponse:
    """End an import early; what is in stays in."""
    run = get_object_or_404(ImportRun.objects.select_for_update(of=("self",)), pk=pk)
    run.stop()
    if request.htmx:
        return render(request, "contacts/import/_progress.html", _progress(request, run))
    return redirect("import_run", pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(PERMISSIONS, raise_exception=True)
@sudo_required(label=gettext_lazy("Delete for good"))
def import_revert(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say what taking back an import would remove and what stays; on POST, begin."""
    run = get_object_or_404(ImportRun.objects.select_related("started_by"), pk=pk)
    if request.method == "POST":
        run.revert(request.user)
        return redirect(run)
    if not run.may_revert:
        return redirect(run)
    context = {"run": run, "outlook": run.outlook(), "name_days": settings.DELETED_NAME_DAYS}
    return render(request, "contacts/import/revert.html", context)


@require_safe
@permission_required("contacts.import_contacts", raise_exception=True)
def import_failures(request: HttpRequest, pk: UUID) -> StreamingHttpResponse:
    """Send all rows that were not imported as CSV, with the reason for each."""
    run = get_object_or_404(ImportRun, pk=pk)
    header = [_("Row"), _("Reason"), *(run.columns or [_("Card")])]
    rows = run.failures.values_list("line", "reason", "cells").iterator()
    lines = csv_lines(chain([header], ([line, why, *cells] for line, why, cells in rows)))
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    name = _("Not imported from %(file)s") % {"file": run.name.rpartition(".")[0] or run.name}
    response.headers["Content-Disposition"] = content_disposition_header(True, f"{name}.csv")
    return response


def _progress(request: HttpRequest, run: ImportRun) -> dict[str, object]:
    shown = SHOWN_WHILE_RUNNING if run.is_active else SHOWN
    return {
        "run": run,
        "failures": run.failures.defer("cells")[:shown],
        "time_left": _time_left(run.seconds_left) if run.is_active else "",
        "may_revert": request.user.has_perms(PERMISSIONS) and run.may_revert,
        "kept": run.first_kept(SHOWN) if run.state == ImportRun.State.REVERTED else [],
    }


def _time_left(seconds: int | None) -> str:
    if seconds is None:
        return ""
    if seconds < 60:
        tens = max(-(-seconds // 10) * 10, 10)
        return _("about %(count)s seconds left") % {"count": tens}
    minutes = round(seconds / 60)
    return ngettext("about %(count)s minute left", "about %(count)s minutes left", minutes) % {
        "count": minutes
    }
