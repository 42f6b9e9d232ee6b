"""A provider that hands mail in, and a message that is answered.

Nothing of Django is imported before it is set up.
"""

from typing import Any

import pytest


@pytest.fixture(autouse=True)
def provider(settings: Any, tmp_path: Any) -> None:
    from tests.contacts.providers import use

    use(settings, "postmark")
    files = {"BACKEND": "django.core.files.storage.FileSystemStorage"}
    files["OPTIONS"] = {"location": tmp_path}
    settings.STORAGES = settings.STORAGES | {"default": files}


@pytest.fixture
def sent() -> Any:
    from tests.contacts.outbox import message

    return message().message
