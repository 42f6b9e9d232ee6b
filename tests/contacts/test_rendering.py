"""Mails as templates write them: nothing that was typed becomes anything but text."""

from pathlib import Path
from typing import Any

import pytest
from django.template import TemplateDoesNotExist

from contacts.rendering import Rendered, one_line, render_mail

SAMPLE = {
    "subject": "{% load i18n %}{% blocktranslate %}Hello {{ name }}{% endblocktranslate %}\n",
    "txt": (
        '{% extends "mail/_layout.txt" %}{% load i18n %}'
        "{% block content %}{% blocktranslate %}Dear {{ name }},{% endblocktranslate %}\n\n"
        "{{ body }}{% endblock %}{% block reason %}You know why.{% endblock %}"
        "{% block refuse %}Say no at {{ stop }}{% endblock %}"
    ),
    "html": (
        '{% extends "mail/_layout.html" %}{% load i18n %}'
        "{% block content %}<p>{% blocktranslate %}Dear {{ name }},{% endblocktranslate %}</p>"
        '<p class="said">{{ body }}</p><a class="button" href="{{ link }}">Open</a>{% endblock %}'
        "{% block reason %}<p>You know why.</p>{% endblock %}"
        '{% block refuse %}<p><a href="{{ stop }}">Say no</a></p>{% endblock %}'
    ),
}
HOSTILE = {
    'Miles O\'Brien "Chief" & Söhne': "Miles O&#x27;Brien &quot;Chief&quot; &amp; Söhne",
    "<script>alert(1)</script>": "&lt;script&gt;alert(1)&lt;/script&gt;",
    "{{ settings.SECRET_KEY }} {% load x %}": "{{ settings.SECRET_KEY }} {% load x %}",
    "Zoë 👩🏽‍🚀": "Zoë 👩🏽‍🚀",
    "ليلى حداد": "ليلى حداد",
    "50% off %(name)s %s": "50% off %(name)s %s",
}


@pytest.fixture(autouse=True)
def sample(settings: Any, tmp_path: Path) -> None:
    """Add a mail of its own to the templates."""
    (tmp_path / "mail").mkdir()
    for kind, content in SAMPLE.items():
        (tmp_path / "mail" / f"sample.{kind}").write_text(content)
    [engine] = settings.TEMPLATES
    settings.TEMPLATES = [engine | {"DIRS": [*engine["DIRS"], tmp_path]}]


def write(language: str = "en", **context: Any) -> Rendered:
    """Write the sample mail."""
    context = {"name": "Ana", "body": "Text", "stop": "https://a.example/u/1/", **context}
    return render_mail("sample", context, language=language)


@pytest.mark.parametrize(("name", "escaped"), HOSTILE.items())
def test_a_name_stays_as_it_is_and_is_escaped_in_html_alone(name: str, escaped: str) -> None:
    mail = write(name=name)
    assert mail.subject == f"Hello {name}"
    assert f"Dear {name},\n" in mail.text
    assert f"<p>Dear {escaped},</p>" in mail.html


@pytest.mark.parametrize(
    "name", ["Ana\r\nBcc: all@x.example", "Ana\nBcc: all@x.example", "Ana\u2028Bcc: all@x.example"]
)
def test_no_name_adds_a_header(name: str) -> None:
    assert write(name=name).subject == "Hello Ana Bcc: all@x.example"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  a \t b\n", "a b"),
        ("a\x00b\x1b[31mc", "a b [31mc"),
        ("a\u2029b\x85c", "a b c"),
        ("\u202bليلى\u202c 👍🏽", "\u202bليلى\u202c 👍🏽"),
        ("", ""),
    ],
)
def test_a_header_is_one_line_without_control_characters(typed: str, kept: str) -> None:
    assert one_line(typed) == kept


def test_an_address_can_not_leave_its_link() -> None:
    mail = write(link='https://a.example/"onclick="x')
    assert 'href="https://a.example/&quot;onclick=&quot;x"' in mail.html


def test_what_somebody_wrote_keeps_its_lines(settings: Any) -> None:
    mail = write(body="One\r\n\r\n\r\n  two & <b>")
    assert "One\n\n\n  two & <b>\n" in mail.text
    assert "two &amp; &lt;b&gt;</p>" in mail.html


def test_a_mail_says_from_where_it_comes_why_and_how_to_say_no(settings: Any) -> None:
    settings.SITE_NAME, settings.SITE_URL = "Calder & Wren", "https://annals.example"
    mail = write()
    assert mail.text == (
        "Dear Ana,\n\nText\n\n-- \nCalder & Wren\nhttps://annals.example\n\n"
        "You know why.\nSay no at https://a.example/u/1/\n"
    )
    for part in ("Calder &amp; Wren", "You know why.", 'href="https://a.example/u/1/"'):
        assert part in mail.html
    assert "Elsewhere" in write(site_name="Elsewhere").html


def test_a_mail_fetches_nothing_and_runs_nothing() -> None:
    html = write(link="https://a.example/").html
    for loads in ("<img", "<link", "<script", "@import", "@font-face", "url(", "src="):
        assert loads not in html


def test_a_mail_is_in_the_language_of_its_reader() -> None:
    assert '<html lang="ar" dir="rtl">' in write("ar").html
    assert '<html lang="en" dir="ltr">' in write().html


def test_a_mail_that_nobody_wrote_is_an_error() -> None:
    with pytest.raises(TemplateDoesNotExist):
        render_mail("nothing", {}, language="en")
