"""Files of messages, to download."""

from uuid import UUID

from csp.constants import HEADER
from django.contrib.auth.decorators import permission_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from contacts.models import Attachment


@require_GET
@permission_required("contacts.view_contact", raise_exception=True)
def download(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """Hand a file of a message to the team."""
    return handed_over(get_object_or_404(Attachment, pk=pk))


def handed_over(attachment: Attachment) -> HttpResponseBase:
    """Answer with a file as something to save: a browser that shows it all the same runs nothing.

    Whoever calls this has checked who asks. Raises Http404 where the file itself is gone.
    """
    try:
        content = attachment.file.open("rb")
    except FileNotFoundError:
        raise Http404(_("This file is no longer there.")) from None
    answer = FileResponse(
        content,
        as_attachment=True,
        filename=attachment.name,
        content_type=attachment.content_type,
    )
    answer.headers[HEADER] = "default-src 'none'; sandbox"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
