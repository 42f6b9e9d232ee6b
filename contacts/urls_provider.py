"""The addresses at which the mail provider reports what came of mails, and hands in answers.

Anymail's views answer there, each only who knows ANYMAIL_WEBHOOK_SECRET.
"""

import logging
from typing import Any

from anymail.signals import inbound
from anymail.urls import urlpatterns as every_provider
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured, RequestDataTooBig, SuspiciousOperation
from django.http import HttpRequest
from django.urls import URLPattern

logger = logging.getLogger(__name__)

app_name = "anymail"
# Bytes of a report with the files of a mail in it; providers take in mails of 25 to 35 MB.
LARGEST_REPORT = 50 * 1024 * 1024


def with_room(view: type) -> type:
    """Return a webhook that reads more than DATA_UPLOAD_MAX_MEMORY_SIZE from who is let in.

    A mail that can't be read at all is dropped: handed in again, it would be no other.
    """

    class Webhook(view):
        def parse_events(self, request: HttpRequest) -> list[Any]:
            """Return the events of a report whose secret was checked."""
            if request.content_type == "application/json" and not hasattr(request, "_body"):
                if int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST_REPORT:
                    raise RequestDataTooBig
                request._body = request.read()  # what `request.body` returns from now on
            try:
                return super().parse_events(request)
            except (ImproperlyConfigured, SuspiciousOperation):
                raise
            except Exception as error:
                if self.signal is not inbound:
                    raise
                logger.warning("A mail that can’t be read was dropped: %s", type(error).__name__)
                return []

    return Webhook


urlpatterns = [
    URLPattern(each.pattern, with_room(each.callback.view_class).as_view(), {}, each.name)
    for each in every_provider
    if str(each.pattern).lstrip("^").startswith(f"{settings.EMAIL_PROVIDER}/")
]
