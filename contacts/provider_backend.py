"""Mail through the API of a provider, with what came of it told apart as in contacts/smtp.py.

`EMAIL_BACKEND` where `EMAIL_PROVIDER` names a provider (config/provider.py).
"""

from typing import Any

import requests
from anymail import exceptions as anymail
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from urllib3 import exceptions as urllib3

from contacts.mail import DELIVERY_HEADER
from contacts.rendering import one_line
from contacts.smtp import NotNow, Refused, Uncertain

MOST_WORDS = 300  # characters of what a provider said
# Answers that are about the account, the key or the address of the API, not about the mail.
CONFIGURATION = frozenset({401, 402, 403, 404, 405, 407})
# It has the whole request, and whoever stood between has not heard what became of it.
NOBODY_KNOWS = 504
NEVER_WRITTEN = (
    anymail.AnymailUnsupportedFeature,
    anymail.AnymailSerializationError,
    anymail.AnymailInvalidAddress,
)
# What stood in the way before the request could be sent.
BEFORE = (requests.ConnectTimeout, requests.exceptions.SSLError, requests.exceptions.ProxyError)
NO_CONNECTION = (
    urllib3.NewConnectionError,
    urllib3.ConnectTimeoutError,
    urllib3.SSLError,
    urllib3.ProxyError,
)


class EmailBackend(BaseEmailBackend):
    """Sends mail by anymail's backend; raises Refused, NotNow or Uncertain where that fails."""

    def __init__(self, fail_silently: bool = False, **options: Any) -> None:
        super().__init__(fail_silently=fail_silently)

    def send_messages(self, email_messages: list[EmailMessage]) -> int:
        """Send each; return how many. Each then has the provider's `remote_id`, or an empty one."""
        return sum(self._send(each) for each in email_messages)

    def _send(self, mail: EmailMessage) -> int:
        try:
            count = _post(mail)
        except (anymail.AnymailError, ImproperlyConfigured) as error:
            raise _outcome(error) from error
        status = mail.anymail_status
        response = status.esp_response
        if status.status == {"failed"} or getattr(response, "status_code", 200) >= 400:
            raise Refused(_("The provider refused the mail. It says: %(words)s") % _said(response))
        mail.remote_id = status.message_id or ""
        return count


def _post(mail: EmailMessage) -> int:
    """Send it with all that the provider can do of what we want besides; nothing is watched."""
    backend = import_string(f"anymail.backends.{settings.EMAIL_PROVIDER}.EmailBackend")
    known = {"metadata": {"delivery": mail.extra_headers.get(DELIVERY_HEADER, "")}}
    for wishes in (known | {"track_opens": False, "track_clicks": False}, known):
        vars(mail).update(wishes)
        try:
            return backend().send_messages([mail])
        except anymail.AnymailUnsupportedFeature:
            for name in wishes:
                delattr(mail, name)
    return backend().send_messages([mail])


def _outcome(error: Exception) -> OSError:
    if isinstance(error, anymail.AnymailRecipientsRefused):
        sentence = _("The provider refused the address. It says: %(words)s")
        return Refused(sentence % _said(error.response))
    if isinstance(error, NEVER_WRITTEN):
        sentence = _("The provider can’t send this mail: %(words)s")
        return Refused(sentence % {"words": _clean(error.args[0])})
    if isinstance(error, ImproperlyConfigured):
        sentence = _("EMAIL_PROVIDER can’t be used as the settings say: %(words)s")
        return NotNow(sentence % {"words": _clean(error)})
    code = error.status_code or _code_of_amazon(error.__cause__)
    if code:
        return _answered(code, error)
    if _never_left(error.__cause__):
        sentence = _("The provider can’t be reached: %(words)s")
        return NotNow(sentence % {"words": _clean(error.__cause__)})
    return Uncertain(_("The connection broke before the provider said whether it has the mail."))


def _answered(code: int, error: Exception) -> OSError:
    said: dict[str, Any] = _said(error.response, error.__cause__) | {"code": code}
    if code < 300 or code == NOBODY_KNOWS:
        sentence = _(
            "Nobody knows whether the provider has the mail. It says: %(words)s (%(code)s)"
        )
        return Uncertain(sentence % said)
    if code in CONFIGURATION:
        sentence = _("The provider refuses the settings. It says: %(words)s (%(code)s)")
        return NotNow(sentence % said)
    if code in {408, 425, 429} or code >= 500:
        return NotNow(_("The provider doesn’t take it now. It says: %(words)s (%(code)s)") % said)
    sentence = _("The provider refused the mail. It says: %(words)s (%(code)s)")
    return Refused(sentence % said, code, said["words"])


def _never_left(cause: BaseException | None) -> bool:
    """Tell whether the request can't have reached the provider."""
    if isinstance(cause, (*BEFORE, ValueError)):  # a ValueError: an address that is none
        return True
    met = cause.args[0] if isinstance(cause, requests.ConnectionError) and cause.args else None
    return isinstance(getattr(met, "reason", met), NO_CONNECTION)


def _code_of_amazon(cause: Any) -> int:
    """Return the HTTP status in a ClientError of boto3; 0 where it is none."""
    answer = getattr(cause, "response", None)
    told = answer.get("ResponseMetadata", {}) if isinstance(answer, dict) else {}
    return told.get("HTTPStatusCode", 0)


def _said(response: Any, cause: Any = None) -> dict[str, str]:
    """Return the `words` of a provider: the message in its JSON, or all of its answer."""
    try:
        told = response.json()
    except (AttributeError, ValueError):
        return {"words": _clean(getattr(response, "text", None) or cause or "–")}
    words = [told[name] for name in ("Message", "message", "error") if name in told]
    return {"words": _clean(words[0] if words else told)}


def _clean(words: Any) -> str:
    return one_line(str(words))[:MOST_WORDS]
