"""The API of a provider, and a mail to send.

Nothing of Django is imported before it is set up.
"""

from typing import Any

import pytest


@pytest.fixture
def api(settings: Any) -> Any:
    import threading

    from tests.contacts.provider_sending.postmark import Api
    from tests.contacts.providers import use

    server = Api()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    use(settings, "postmark")
    settings.ANYMAIL_POSTMARK_API_URL = f"http://127.0.0.1:{server.server_port}/"
    yield server
    server.enough.set()
    server.shutdown()
    server.server_close()


@pytest.fixture
def mail(transactional_db: None) -> Any:
    from tests.contacts.outbox import message

    return message(files=())
