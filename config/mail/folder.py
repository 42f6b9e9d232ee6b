"""The folder in which mail is kept where `EMAIL_URL` names no server."""

import os
import re
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from django.conf import settings
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from contacts.smtp import NotNow

SUFFIX = ".eml"
HEAD = 64 * 1024  # bytes that surely hold the header of a mail
STAMP = "%Y%m%dT%H%M%S-%f"
NAME = re.compile(r"\d{8}T\d{6}-\d{6}-[0-9a-f]{8}")  # no other file is a mail


class EmailBackend(BaseEmailBackend):
    """Keeps each mail as a file of its own, byte for byte as a server would get it."""

    def send_messages(self, email_messages: Sequence[mail.EmailMessage]) -> int:
        """Keep the mails; return how many. Raises NotNow where the folder takes no more."""
        try:
            for message in email_messages:
                keep(message.message().as_bytes(linesep="\r\n"))  # type: ignore[call-arg]
        except OSError as error:
            if not self.fail_silently:
                reason = {"folder": folder(), "reason": error.strerror}
                sentence = _("Mail can’t be kept in %(folder)s: %(reason)s")
                raise NotNow(sentence % reason) from error
            return 0
        return len(email_messages)


class KeptMail:
    """A mail of the folder. `name` is that of its file, and sorts by time."""

    def __init__(self, name: str) -> None:
        self.name = name

    @property
    def path(self) -> Path:
        """Return the file's path."""
        return folder() / f"{self.name}{SUFFIX}"

    @cached_property
    def sent_at(self) -> datetime:
        """Return when it was kept."""
        return datetime.strptime(self.name.rpartition("-")[0], STAMP).replace(tzinfo=UTC)

    @cached_property
    def head(self) -> EmailMessage:
        """Return its header alone. Raises FileNotFoundError where the file is gone."""
        with self.path.open("rb") as file:
            start = re.split(rb"\r?\n\r?\n", file.read(HEAD), maxsplit=1)[0]
        return message_from_bytes(start, policy=policy.default)

    @cached_property
    def content(self) -> EmailMessage:
        """Return all of it. Raises FileNotFoundError where the file is gone."""
        return message_from_bytes(self.path.read_bytes(), policy=policy.default)

    @property
    def headers(self) -> list[tuple[str, str]]:
        """Return the names and values of its header."""
        return self.content.items()

    def part(self, kind: str) -> str:
        """Return its text ("plain") or its HTML ("html"), empty where it has none."""
        body = self.content.get_body((kind,))
        return body.get_content() if body else ""

    @property
    def attachments(self) -> list[tuple[str, EmailMessage]]:
        """Return its attached files, each with its name, empty where it has none."""
        return [(each.get_filename() or "", each) for each in self.content.iter_attachments()]


def folder() -> Path:
    """Return the folder."""
    return Path(settings.EMAIL_FILE_PATH)


def is_used() -> bool:
    """Tell whether mail is kept here rather than sent."""
    return f"{__name__}.EmailBackend" == settings.EMAIL_BACKEND


def keep(content: bytes) -> str:
    """Keep a mail; return its name. Nobody but the user that Annals runs as may read it."""
    folder().mkdir(mode=0o700, parents=True, exist_ok=True)
    name = f"{datetime.now(UTC):{STAMP}}-{secrets.token_hex(4)}"
    unfinished = folder() / f"{name}.part"
    try:
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        unfinished.rename(unfinished.with_suffix(SUFFIX))
    finally:
        unfinished.unlink(missing_ok=True)
    return name


def names() -> list[str]:
    """Return the names of all mails, newest first."""
    stems = (each.stem for each in folder().glob(f"*{SUFFIX}"))
    return sorted(filter(NAME.fullmatch, stems), reverse=True)


def find(name: str) -> KeptMail | None:
    """Return the mail of that name, None where there is none."""
    kept = KeptMail(name)
    return kept if NAME.fullmatch(name) and kept.path.is_file() else None
