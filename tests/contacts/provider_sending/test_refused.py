"""What a provider cannot send, and settings that lack something."""

from typing import Any

import pytest
from django.core.mail import EmailMessage, send_mail

from config.run import free_port
from contacts.models import Delivery
from contacts.smtp import NotNow, Refused
from tests.contacts.outbox import ANA
from tests.contacts.provider_sending.postmark import Api, outcome
from tests.contacts.providers import use


def test_settings_that_lack_something_are_named(api: Api, mail: Delivery, settings: Any) -> None:
    del settings.ANYMAIL_POSTMARK_SERVER_TOKEN
    assert outcome(mail) == "queued"
    assert "ANYMAIL_POSTMARK_SERVER_TOKEN" in mail.error


def test_what_a_provider_cannot_send_is_refused_before_it_leaves(api: Api) -> None:
    mail = EmailMessage("Hi", "Hello", "annals@annals.example", [ANA])
    mail.template_id, mail.merge_data = 7, {}
    mail.send_at = "2027-01-01T00:00:00Z"  # which Postmark has not
    with pytest.raises(Refused, match="The provider can’t send this mail: Postmark does not"):
        mail.send()
    assert not api.received


def test_an_address_that_is_none_is_refused_before_it_leaves(api: Api) -> None:
    with pytest.raises(Refused):
        send_mail("Hi", "Hello", "annals@annals.example", ["not an address"])
    assert not api.received


def test_other_mail_leaves_the_same_way(api: Api) -> None:
    assert send_mail("Your password", "Hello", "annals@annals.example", [ANA]) == 1
    assert api.received[0]["Subject"] == "Your password"


@pytest.mark.parametrize("provider", ["postal", "scaleway", "mailjet", "resend"])
def test_a_provider_that_can_do_less_is_asked_for_less(settings: Any, provider: str) -> None:
    """Postal knows no metadata, Scaleway watches nothing: neither is a reason not to send."""
    use(settings, provider)
    port = free_port()
    for name, value in {
        "POSTAL_API_KEY": "key",
        "POSTAL_API_URL": f"http://127.0.0.1:{port}/",
        "SCALEWAY_SECRET_KEY": "key",
        "SCALEWAY_PROJECT_ID": "project",
        "SCALEWAY_API_URL": f"http://127.0.0.1:{port}/",
        "MAILJET_API_KEY": "key",
        "MAILJET_SECRET_KEY": "key",
        "MAILJET_API_URL": f"http://127.0.0.1:{port}/",
        "RESEND_API_KEY": "key",
        "RESEND_API_URL": f"http://127.0.0.1:{port}/",
    }.items():
        setattr(settings, f"ANYMAIL_{name}", value)
    with pytest.raises(NotNow, match="can’t be reached"):
        send_mail("Hi", "Hello", "annals@annals.example", [ANA])
