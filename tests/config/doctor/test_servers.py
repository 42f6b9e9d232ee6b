"""The doctor asks Redis, workers and the mail server whether they answer."""

from typing import Any

from config.doctor import servers
from tests.config.doctor.findings import said


def test_redis_without_a_worker_is_named(
    redis_client: Any, settings: Any, monkeypatch: Any
) -> None:
    assert said(servers.queue) == ""
    assert "ERROR No worker was heard of" in said(servers.workers)
    monkeypatch.setattr(servers, "OLDEST", (99,))
    assert "WARNING Redis is of version" in said(servers.queue)
    settings.REDIS_URL = "redis://127.0.0.1:1"
    assert "ERROR Redis does not answer" in said(servers.queue)
    assert said(servers.workers) == ""


def test_the_mail_server_is_asked_and_nothing_is_sent(smtp: Any, settings: Any) -> None:
    assert said(servers.mail) == ""
    assert not smtp.received
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "annals", "wrong"
    assert "ERROR The mail server" in said(servers.mail)
    settings.EMAIL_PORT = 1
    assert "cannot be used" in said(servers.mail)
    settings.EMAIL_BACKEND = "config.mail.folder.EmailBackend"
    assert said(servers.mail) == ""
