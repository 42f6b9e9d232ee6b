"""What is put into the world: a picture, a mail, a passkey; and what else is there."""

import json
from typing import Any

from django.apps import apps

from tests.authenticator import Device

PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)
MAIL = (
    b"Subject: Plan\r\nTo: a@b.example\r\nMIME-Version: 1.0\r\n"
    b'Content-Type: multipart/mixed; boundary="x"\r\n\r\n'
    b"--x\r\nContent-Type: text/html\r\n\r\n<p>Plan</p>\r\n"
    b'--x\r\nContent-Disposition: attachment; filename="a.txt"\r\n\r\nfile\r\n--x--\r\n'
)


def credential() -> Any:
    """Return what is kept of a passkey."""
    asked = {"user": {"id": "AAAA"}, "rp": {"id": "localhost"}, "challenge": "AAAA"}
    return json.loads(Device().create({"creation_options": {"publicKey": asked}}))


def first(app: str, model: str) -> Any:
    """Return the id of an object that Django admin shows, 0 where there is none."""
    return apps.get_model(app, model)._base_manager.values_list("pk", flat=True).first() or 0
