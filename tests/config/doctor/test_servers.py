"""The doctor asks Redis, workers and the mail server whether they answer."""

from typing import Any

from config.doctor import servers
from tests.config.doctor.findings import said
from tests.faults.smtp_server import MoodyServer


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
    settings.EMAIL_PORT = 1
    assert "ERROR 127.0.0.1 takes no mail at port 1." in said(servers.mail)
    settings.EMAIL_BACKEND = "config.mail.folder.EmailBackend"
    assert said(servers.mail) == ""


def test_a_mail_server_that_refuses_the_password_is_named_as_such(settings: Any) -> None:
    wrong = {"EHLO": "250-mail.example\r\n250 AUTH PLAIN", "AUTH": "535 Wrong password"}
    settings.EMAIL_BACKEND, settings.EMAIL_HOST = "contacts.smtp.EmailBackend", "localhost"
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "annals", "wrong"
    with MoodyServer(wrong).running() as settings.EMAIL_PORT:
        told = said(servers.mail)
    assert "ERROR The mail server refuses the sign-in of EMAIL_URL. It says: Wrong password" in told
