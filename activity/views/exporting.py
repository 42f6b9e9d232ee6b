"""Exporting the log: asking for a file, how far it is, and taking it away."""

from uuid import UUID

from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.sudo import sudo_required
from accounts.throttling import EXPORTS, limited
from activity.export.asking import ExportForm
from activity.export.events import in_words
from activity.export.formats import FORMATS
from activity.export.writing import filters_of, is_small, write
from activity.log import LogFilters
from activity.models import ActivityExport
from contacts.models import TooMany
from contacts.views.answers import SeeOther

NEWEST = 100  # exports listed

may_export = permission_required("contacts.export_contacts", raise_exception=True)


@require_POST
@may_export
@sudo_required(label=gettext_lazy("Export now"))
@limited(EXPORTS)
def export(request: HttpRequest) -> HttpResponse:
    """Export what the log's filters ask for: a little at once, much by a worker."""
    form, filters = ExportForm(request.POST), LogFilters.read(request.POST, request.user)
    if not form.is_valid():
        wrong = form.errors.get("format", [_("The page was out of date. Open the log again.")])
        return _refused(request, filters, str(wrong[0]), status=422)
    try:
        asked, is_new = ActivityExport.ask(
            form.cleaned_data["id"],
            made_by=request.user,
            query=filters.query,
            complete=filters.sees_private,
            format=form.cleaned_data["format"],
        )
    except TooMany as problem:
        return _refused(request, filters, str(problem), status=429)
    if is_new and is_small(filters):
        write(asked)
    elif is_new:
        asked.nudge()
    return SeeOther(asked.download_url if asked.is_there else asked.get_absolute_url())


@require_safe
@may_export
def exports(request: HttpRequest) -> HttpResponse:
    """List one's own exports, newest first."""
    own = ActivityExport.objects.filter(made_by=request.user)[:NEWEST]
    return render(request, "activity/export/list.html", {"exports": own})


@require_safe
@may_export
@never_cache
def run(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show how far an export is, or its file and what proves it."""
    return render(request, "activity/export/run.html", _progress(_own(request, pk)))


@require_safe
@may_export
@never_cache
def progress(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Answer with the part of that page that moves."""
    return render(request, "activity/export/_progress.html", _progress(_own(request, pk)))


@require_POST
@may_export
def cancel(request: HttpRequest, pk: UUID) -> HttpResponse:
    """End an export early; there will be no file."""
    found = _own(request, pk)
    found.cancel()
    if request.htmx:
        return render(request, "activity/export/_progress.html", _progress(found))
    return SeeOther(found.get_absolute_url())


@require_safe
@may_export
@sudo_required(reading=True, label=gettext_lazy("Download now"))
@never_cache
def download(request: HttpRequest, pk: UUID) -> HttpResponse | StreamingHttpResponse:
    """Send the file to whom it was made for, if that person may still have it; 410 once gone."""
    found = _own(request, pk)
    if not found.is_there:
        return render(request, "activity/export/run.html", _progress(found), status=410)
    response = StreamingHttpResponse(
        found.parts.chunks() if request.method == "GET" else (),
        content_type=FORMATS[found.format].content_type,
    )
    response.headers["Content-Length"] = str(found.size)
    response.headers["Content-Disposition"] = content_disposition_header(True, found.name)
    return response


def _refused(request: HttpRequest, filters: LogFilters, text: str, *, status: int) -> HttpResponse:
    context = {"text": text, "query": filters.query}
    return render(request, "activity/export/refused.html", context, status=status)


def _own(request: HttpRequest, pk: UUID) -> ActivityExport:
    """Return the export, as if it were not there to all but its maker with the rights it needs."""
    export = get_object_or_404(ActivityExport.objects.select_related("made_by"), pk=pk)
    if not export.may_be_had_by(request.user):
        raise Http404
    return export


def _progress(export: ActivityExport) -> dict[str, object]:
    is_known = export.is_active or export.is_there
    words = in_words(filters_of(export), wholly=True) if is_known else ""
    return {"export": export, "words": words}
