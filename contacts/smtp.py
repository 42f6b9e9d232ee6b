"""Mail over SMTP, with what came of it told apart: refused, not now, or uncertain.

`EMAIL_BACKEND` where `EMAIL_URL` is an address of SMTP (config/settings.py).
"""

import smtplib
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.core.mail import EmailMessage
from django.core.mail.backends import smtp
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.smtp_connection import Connection, EncryptedConnection, clean

GOODBYE_SECONDS = 5
# The server wants a sign-in, or another one (RFC 4954): a matter of EMAIL_URL, not of the mail.
SIGN_IN = frozenset({530, 534, 535, 538})
# Answers of 5xx that are about the mail, by the step they were given at. Before these steps they
# are about the connection; the mail can leave once somebody has seen to that.
REFUSALS = {
    smtplib.SMTPSenderRefused: gettext_lazy(
        "The mail server doesn’t take mail from this sender. It says: %(words)s (%(code)s)"
    ),
    smtplib.SMTPRecipientsRefused: gettext_lazy(
        "The mail server refused the address. It says: %(words)s (%(code)s)"
    ),
    smtplib.SMTPDataError: gettext_lazy(
        "The mail server refused the mail. It says: %(words)s (%(code)s)"
    ),
}
# Everything else that stands in the way; the first kind that fits.
OBSTACLES = (
    (smtplib.SMTPServerDisconnected, gettext_lazy("The connection to %(host)s broke off.")),
    (smtplib.SMTPException, gettext_lazy("%(host)s can’t be used as EMAIL_URL says: %(reason)s")),
    (ssl.SSLError, gettext_lazy("No safe connection to %(host)s is possible: %(reason)s")),
    (socket.gaierror, gettext_lazy("The mail server %(host)s can’t be found.")),
    (ConnectionRefusedError, gettext_lazy("%(host)s takes no mail at port %(port)s.")),
    (TimeoutError, gettext_lazy("%(host)s did not answer within %(seconds)s seconds.")),
    (OSError, gettext_lazy("%(host)s can’t be reached: %(reason)s")),
    (ValueError, gettext_lazy("%(host)s can’t be used as EMAIL_URL says: %(reason)s")),
)


class Refused(OSError):
    """This mail will never be taken; the text is a sentence for people.

    `code` is the server's answer, 5xx, and `words` are what it said; 0 and empty where the mail
    could not even be offered, as with an address that is none.
    """

    def __init__(self, sentence: str, code: int = 0, words: str = "") -> None:
        super().__init__(sentence)
        self.code, self.words = code, words


class NotNow(OSError):
    """The mail was not taken, and may be later; the text is a sentence for people."""


class Uncertain(OSError):
    """The server has the whole mail, but its answer never came; the text is a sentence."""


class EmailBackend(smtp.EmailBackend):
    """Sends mail over SMTP; raises Refused, NotNow or Uncertain where that fails."""

    before_text: Callable[[], object] | None = None  # called when a mail is about to leave

    @property
    def connection_class(self) -> type[Connection]:
        """Return the class of the connection that the settings ask for."""
        return EncryptedConnection if self.use_ssl else Connection

    def open(self) -> bool | None:
        """Connect and sign in unless that is done; return whether it was done now."""
        with self._told_apart():
            return super().open()

    def _send(self, email_message: EmailMessage) -> bool:
        self.connection.before_text = self.before_text
        with self._told_apart():
            try:
                return super()._send(email_message)
            except smtplib.SMTPDataError as error:
                # Only to the text is it a yes: there are servers that say 250 instead of "go on".
                if self.connection.handed_over and 200 <= error.smtp_code < 300:
                    return True
                raise

    def _close_connection(self, connection: Connection) -> None:
        """Say goodbye. Whatever comes of that, a mail that was taken stays taken."""
        try:
            if connection.sock:
                connection.sock.settimeout(GOODBYE_SECONDS)
            connection.quit()
        except OSError:
            connection.close()

    @contextmanager
    def _told_apart(self) -> Iterator[None]:
        """Raise what goes wrong as one of ours; the next mail begins with a new connection."""
        try:
            yield
        except (OSError, ValueError) as error:
            outcome = error if isinstance(error, NotNow) else self._outcome(error)
            self.close()
            raise outcome from error

    def _outcome(self, error: Exception) -> OSError:
        code, words = _answer(error)
        said = {"words": words, "code": code}
        if code in SIGN_IN:
            sentence = _("The mail server refuses the sign-in of EMAIL_URL. It says: %(words)s")
            return NotNow(sentence % said)
        if 500 <= code < 600 and type(error) in REFUSALS:
            return Refused(REFUSALS[type(error)] % said, code, words)
        if 400 <= code < 600:
            sentence = _("The mail server doesn’t take it now. It says: %(words)s (%(code)s)")
            return NotNow(sentence % said)
        if self.connection and self.connection.handed_over:
            sentence = _(
                "The connection broke before the mail server said whether it has the mail."
            )
            return Uncertain(sentence)
        if self.connection and not isinstance(error, OSError):
            return Refused(_("This mail can’t be written: %(why)s") % {"why": error})
        if isinstance(error.__context__, TimeoutError):
            error = error.__context__
        obstacle = next(text for kind, text in OBSTACLES if isinstance(error, kind))
        return NotNow(
            obstacle
            % {
                "host": self.host,
                "port": self.port or self.connection_class.default_port,
                "seconds": self.timeout,
                "reason": getattr(error, "strerror", None) or error,
            }
        )


def _answer(error: Exception) -> tuple[int, str]:
    """Return the code and the words of the server that an exception carries; 0 where none."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, words = next(iter(error.recipients.values()))
        return code, clean(words)
    if isinstance(error, smtplib.SMTPResponseException):
        return error.smtp_code, clean(error.smtp_error)
    return 0, ""
