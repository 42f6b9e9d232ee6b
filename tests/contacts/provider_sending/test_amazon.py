"""Mail through Amazon, and letters that every provider can take."""

import time
from typing import Any

import pytest
from django.core.mail import send_mail
from django.test import override_settings

from contacts.mail import deliver
from contacts.models import Delivery
from contacts.smtp import NotNow, Refused, Uncertain
from tests.contacts.outbox import ANA
from tests.contacts.provider_sending.postmark import SILENCE, Api
from tests.contacts.providers import use


class AmazonError(Exception):
    """As boto3 tells what Amazon SES answered."""

    def __init__(self, code: int) -> None:
        super().__init__(f"An error occurred ({code})")
        self.response = {"Error": {}, "ResponseMetadata": {"HTTPStatusCode": code}}


@pytest.mark.parametrize(
    ("cause", "outcome"),
    [
        (AmazonError(400), Refused),
        (AmazonError(403), NotNow),
        (AmazonError(429), NotNow),
        (AmazonError(503), NotNow),
        (TimeoutError("read"), Uncertain),
    ],
)
def test_what_amazon_answers_decides(
    monkeypatch: pytest.MonkeyPatch, settings: Any, cause: Exception, outcome: type
) -> None:
    from anymail.backends.postmark import EmailBackend
    from anymail.exceptions import AnymailAPIError

    def fail(*args: Any) -> None:
        raise AnymailAPIError(str(cause)) from cause

    use(settings, "postmark")
    monkeypatch.setattr(EmailBackend, "post_to_esp", fail)
    with pytest.raises(outcome):
        send_mail("Hi", "Hello", "annals@annals.example", [ANA])


@override_settings(EMAIL_BACKEND="anymail.backends.test.EmailBackend")
def test_the_letter_is_one_that_every_provider_can_take(mail: Delivery) -> None:
    from contacts.mail import letter

    assert letter(mail).send() == 1


def test_a_slow_provider_is_given_the_time_of_the_settings(
    api: Api, mail: Delivery, settings: Any
) -> None:
    settings.ANYMAIL_REQUESTS_TIMEOUT = 0.3
    api.answer = SILENCE
    start = time.monotonic()
    deliver(mail.pk)
    assert 0.3 <= time.monotonic() - start < 5
