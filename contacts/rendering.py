"""Writes mails from templates: subject, plain text and HTML, each escaped as it has to be."""

import unicodedata
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.template import Context
from django.template.loader import get_template
from django.utils import translation

# Control characters and separators of lines and paragraphs, as Unicode classes them.
BREAKS = frozenset({"Cc", "Zl", "Zp"})


@dataclass(frozen=True)
class Rendered:
    """A mail as it is written; the subject is one line."""

    subject: str
    text: str
    html: str


def render_mail(name: str, context: dict[str, Any], *, language: str) -> Rendered:
    """Write the mail of templates/mail/<name>.subject, .txt and .html in a language.

    Templates also get `site_name` and `site_url`, unless the context has others. Values are escaped
    in the HTML alone: in the others an O'Brien would be an O&#x27;Brien. Raises
    TemplateDoesNotExist where one of the three is missing.
    """
    context = {"site_name": settings.SITE_NAME, "site_url": settings.SITE_URL} | context
    with translation.override(language):
        subject = _plain(f"mail/{name}.subject", context)
        text = _plain(f"mail/{name}.txt", context)
        html = get_template(f"mail/{name}.html").render(context)
    return Rendered(
        one_line(subject), text.replace("\r\n", "\n").strip() + "\n", html.strip() + "\n"
    )


def one_line(text: str) -> str:
    """Return text on one line, as a header has to be, without control characters."""
    kept = (" " if unicodedata.category(each) in BREAKS else each for each in text)
    return " ".join("".join(kept).split())


def _plain(template_name: str, context: dict[str, Any]) -> str:
    return get_template(template_name).template.render(Context(context, autoescape=False))
