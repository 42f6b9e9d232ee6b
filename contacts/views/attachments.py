"""Files of messages and comments: to save, and images to look at."""

from typing import Any
from uuid import UUID

from csp.constants import HEADER
from django.contrib.auth.decorators import permission_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from contacts.models.stored_file import StoredFile
from contacts.stretch import Stretch, asked_stretch


@require_safe
@permission_required("contacts.view_contact", raise_exception=True)
def download(request: HttpRequest, pk: UUID, model: type[StoredFile]) -> HttpResponseBase:
    """Hand a file to the team, to be saved."""
    return handed_over(request, _found(model, pk))


@require_safe
@permission_required("contacts.view_contact", raise_exception=True)
def image(request: HttpRequest, pk: UUID, model: type[StoredFile]) -> HttpResponseBase:
    """Show an image to the team; 404 for any other file."""
    return shown(request, _found(model, pk))


def shown(request: HttpRequest, kept: StoredFile) -> HttpResponseBase:
    """Answer with an image to look at. Raises Http404 where it is none, or too large for that.

    Whoever calls this has checked who asks.
    """
    if not kept.is_shown:
        raise Http404
    return _answer(request, kept, as_attachment=False, content_type=kept.image_type)


def handed_over(request: HttpRequest, kept: StoredFile) -> HttpResponseBase:
    """Answer with a file to be saved. Whoever calls this has checked who asks."""
    return _answer(request, kept, as_attachment=True, content_type=kept.content_type)


def _answer(request: HttpRequest, kept: StoredFile, **manner: Any) -> HttpResponseBase:
    """Answer with a file, or the part of it that is asked for.

    A browser that shows it although it is to be saved runs nothing in it. Raises Http404 where the
    file itself is gone.
    """
    try:
        content = kept.file.open("rb")
    except (FileNotFoundError, ValueError):  # ValueError: it went with its comment
        raise Http404(_("This file is no longer there.")) from None
    tag = f'"{kept.sha256}"'
    told = {"Accept-Ranges": "bytes", "ETag": tag, "Cache-Control": "private, no-store"}
    told |= {HEADER: "default-src 'none'; sandbox", "X-Content-Type-Options": "nosniff"}
    wanted = asked_stretch(request, kept.size, tag)
    if wanted is None:
        content.close()
        told["Content-Range"] = f"bytes */{kept.size}"
        return HttpResponse(status=416, headers=told)
    first, last = wanted
    is_part = (first, last) != (0, kept.size - 1)
    if is_part:
        told["Content-Range"] = f"bytes {first}-{last}/{kept.size}"
    answer = FileResponse(
        Stretch(content, first, last + 1 - first),
        status=206 if is_part else 200,
        filename=kept.name,
        **manner,
    )
    answer.block_size = 64 * 1024  # bytes read at once
    for name, value in (told | {"Content-Length": str(last + 1 - first)}).items():
        answer.headers[name] = value
    return answer


def _found(model: type[StoredFile], pk: UUID) -> StoredFile:
    return get_object_or_404(model, pk=pk, **model.readable)
