"""The hook for a virus scanner: every file that somebody sends passes it before it is kept."""

import logging

from django.conf import settings
from django.core.files import File
from django.utils.module_loading import import_string

logger = logging.getLogger(__name__)


class Infected(Exception):
    """The file must not be kept; as text, what the scanner found in it."""


class ScannerAway(Exception):
    """The scanner gave no answer, so that nobody knows what is in the file."""


def scan(upload: File) -> None:
    """Have a file looked at by the callable that ATTACHMENT_SCANNER names, if any.

    It gets the open file, and returns where nothing was found. Raises Infected as it does;
    ScannerAway where it raises anything else, which goes into the log.
    """
    if not settings.ATTACHMENT_SCANNER:
        return
    try:
        upload.seek(0)
        import_string(settings.ATTACHMENT_SCANNER)(upload)
    except Infected:
        raise
    except Exception as error:
        logger.exception("The scanner %s gave no answer", settings.ATTACHMENT_SCANNER)
        raise ScannerAway from error
    finally:
        upload.seek(0)
