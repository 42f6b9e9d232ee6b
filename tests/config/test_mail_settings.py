"""What EMAIL_URL makes of the settings."""

import json
from pathlib import Path
from typing import Any

import pytest

ASK = """
import json
from django.conf import settings
print(json.dumps([settings.EMAIL_BACKEND, settings.EMAIL_USE_TLS, settings.EMAIL_USE_SSL,
    settings.EMAIL_TIMEOUT, settings.EMAIL_HOST_PASSWORD]))
"""
SMTP, FOLDER = "contacts.smtp.EmailBackend", "config.mail.folder.EmailBackend"


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, [FOLDER, False, False, 60, ""]),
        ({"EMAIL_URL": "smtp://mail.example"}, [SMTP, False, False, 60, None]),
        ({"EMAIL_URL": "smtp+tls://us:p%40ss@mail.example:587"}, [SMTP, True, False, 60, "p@ss"]),
        (
            {"EMAIL_URL": "smtp+ssl://us:pw@mail.example:465", "EMAIL_TIMEOUT": "5"},
            [SMTP, False, True, 5, "pw"],
        ),
        (
            {"EMAIL_URL": "consolemail://"},
            ["django.core.mail.backends.console.EmailBackend", False, False, 60, None],
        ),
    ],
)
def test_email_url_says_where_mail_goes(
    run: Any, tmp_path: Path, environment: dict[str, str], expected: list[Any]
) -> None:
    more = {"DJANGO_SETTINGS_MODULE": "config.settings", **environment}
    done = run(tmp_path, "-c", ASK, SECRET_KEY="0123456789abcdef" * 2, **more)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == expected
