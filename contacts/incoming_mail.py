"""What an incoming mail says, whoever made it: as text that can be kept and shown."""

import re
from email.message import Message as Mail
from email.policy import compat32
from email.utils import parseaddr
from functools import cached_property

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from contacts.mime import content_of, decoded, default_name, file_name, leaves, text_of
from contacts.models.stored_file import printable
from contacts.quoting import split_quoted, text_of_html
from contacts.rendering import one_line
from contacts.scanning import Infected, scan

LONGEST_TEXT = 20_000  # characters of a message, and of what it quotes
LONGEST_SUBJECT = 200  # characters
LONGEST_ID = 998  # characters of a Message-ID, as of any line (RFC 5322, 2.1.1)
MOST_PARTS = 500
# Headers that only programs write, and what they hold then (RFC 3834; the others are older).
AUTOMATIC = {
    "Auto-Submitted": re.compile(r"(?!\s*no\b)\s*\S", re.I),
    "Precedence": re.compile(r"\s*(bulk|junk|list|auto[-_]reply)\b", re.I),
    "X-Autoreply": re.compile(r"(?!\s*no\b)", re.I),
    "X-Autorespond": re.compile(r""),
    "X-Auto-Response-Suppress": re.compile(r"(?!\s*none\b)\s*\S", re.I),
    "List-Id": re.compile(r""),
}
POSTMASTERS = frozenset({"mailer-daemon", "postmaster"})


class IncomingMail:
    """A mail as a message: new text, quoted text, files; what can't be kept is said in the text."""

    def __init__(self, mail: Mail) -> None:
        for part in mail.walk():
            part.policy = compat32  # the newer policies fail over headers that are not well-formed
        self.mail = mail

    def header(self, name: str) -> str:
        """Return all headers of that name on one line; empty where there is none."""
        return one_line(" ".join(decoded(each) for each in self.mail.get_all(name, [])))

    @property
    def envelope_recipient(self) -> str:
        """Return to whom the mail server before us handed it; empty where that is not known."""
        return str(getattr(self.mail, "envelope_recipient", None) or "")

    @property
    def subject(self) -> str:
        """Return the subject, cut where it is too long."""
        return self.header("Subject")[:LONGEST_SUBJECT]

    @property
    def mail_id(self) -> str:
        """Return the Message-ID; empty where there is none."""
        return self.header("Message-ID")[:LONGEST_ID]

    @cached_property
    def is_automatic(self) -> bool:
        """Tell whether a program wrote it: an out-of-office note, a mailing list, a mail server."""
        told = [name for name in AUTOMATIC if name in self.mail]
        if any(AUTOMATIC[name].match(self.header(name)) for name in told):
            return True
        envelope = getattr(self.mail, "envelope_sender", None)
        returned = self.mail.get("Return-Path") if envelope is None else envelope
        if returned is not None and not str(returned).strip(" <>"):
            return True
        return parseaddr(self.header("From"))[1].partition("@")[0].lower() in POSTMASTERS

    @cached_property
    def parts(self) -> list[Mail]:
        """Return what it consists of; a mail within it is one part."""
        return [part for part, _number in zip(leaves(self.mail), range(MOST_PARTS), strict=False)]

    @property
    def body(self) -> str:
        """Return the new text, with a note on what was left out."""
        new, _quoted = self._texts
        notes = list(self._notes)
        if len(new) > LONGEST_TEXT:
            notes.insert(0, _("This mail was too long; the rest of its text was left out."))
        if not new:
            new = _("This mail has no text of its own.") if not self.files else _("See the files.")
        room = LONGEST_TEXT - sum(len(note) + 10 for note in notes)
        return "\n\n".join([new[:room].rstrip(), *(f"[{note}]" for note in notes)])

    @property
    def quoted(self) -> str:
        """Return what it quotes, cut where it is too long."""
        _new, quoted = self._texts
        return quoted[:LONGEST_TEXT]

    @property
    def files(self) -> list[SimpleUploadedFile]:
        """Return the files within the limits of messages."""
        return self._files[0]

    @property
    def _notes(self) -> list[str]:
        """Return what is to be said of the files that were left out."""
        _kept, left_out, infected = self._files
        notes = []
        if left_out:
            told = ngettext(
                "A file was left out, as it is too large: %(names)s",
                "%(count)d files were left out, as they are too many or too large: %(names)s",
                len(left_out),
            )
            notes.append(told % {"count": len(left_out), "names": ", ".join(left_out[:20])})
        if infected:
            told = ngettext(
                "A file was left out, as the virus scanner found something in it: %(names)s",
                "%(count)d files were left out, as the virus scanner found something in them: "
                "%(names)s",
                len(infected),
            )
            notes.append(told % {"count": len(infected), "names": ", ".join(infected)})
        return notes

    @cached_property
    def _texts(self) -> tuple[str, str]:
        plain = self._joined("text/plain")
        if not plain.strip():
            plain = text_of_html(self._joined("text/html"))
        new, quoted = split_quoted(plain)
        return new.strip(), quoted

    @cached_property
    def _files(self) -> tuple[list[SimpleUploadedFile], list[str], list[str]]:
        """Return the files to keep, and the names of those that are too large or infected.

        Raises ScannerAway: the mail is handed in again later.
        """
        kept, left_out, infected, room = [], [], [], settings.MESSAGE_MAX_BYTES
        for part in self.parts:
            if part in self._bodies:
                continue
            content = content_of(part)
            name = printable(file_name(part) or default_name(part)).strip(". ") or "file"
            fits = len(content) <= min(settings.MESSAGE_MAX_FILE_BYTES, room)
            if fits and len(kept) < settings.MESSAGE_MAX_FILES:
                file = SimpleUploadedFile(name, content, part.get_content_type())
                try:
                    scan(file)
                except Infected as found:
                    infected.append(f"{name} ({found})")
                    continue
                kept.append(file)
                room -= len(content)
            else:
                left_out.append(f"{name} ({filesizeformat(len(content))})")
        return kept, left_out, infected

    @cached_property
    def _bodies(self) -> list[Mail]:
        """Return the parts that are text to be read, no files."""
        texts = {"text/plain", "text/html"}
        return [
            part
            for part in self.parts
            if part.get_content_type() in texts
            and part.get_content_disposition() != "attachment"
            and not file_name(part)
        ]

    def _joined(self, kind: str) -> str:
        found = (part for part in self._bodies if part.get_content_type() == kind)
        return "\n\n".join(text for text in map(text_of, found) if text.strip())
