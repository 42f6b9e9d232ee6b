"""What a sign-in service is asked and told, and where nobody is led."""

import html
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from accounts.service import may_be_asked
from activity.models import ActivityEvent
from tests.accounts.service.provider import SECRET, Provider
from tests.accounts.service.visiting import BEGIN, begin, come_back

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "address",
    [
        "http://169.254.169.254/latest/meta-data/",
        "https://169.254.169.254/token",
        "https://127.0.0.1/token",
        "https://[::1]/token",
        "https://[::ffff:127.0.0.1]/token",
        "https://10.0.0.7/token",
        "https://localhost/token",
        "http://127.0.0.1:6379/",
        "https://login.calder.example:443@127.0.0.1/",
        "https://login.calder.example.evil.example/",
        "file:///etc/passwd",
        "//annals.example/token",
        "https://",
        "",
    ],
)
def test_no_request_goes_where_the_service_has_no_business(address: str, settings: Any) -> None:
    settings.OIDC_SERVER_URL = "https://login.calder.example/realm"
    assert not may_be_asked(address)
    assert may_be_asked("https://login.calder.example/token")


@pytest.mark.parametrize("next_page", ["https://evil.example/", "//evil.example/", "javascript:1"])
def test_nobody_is_led_elsewhere_afterwards(
    client: Client, provider: Provider, mia: User, next_page: str
) -> None:
    assert come_back(client, provider, next=next_page).url == "/"


def test_a_link_begins_nothing(client: Client, provider: Provider) -> None:
    assert client.get(BEGIN).status_code == 405
    assert provider.asked == []


def test_nothing_that_an_address_says_changes_what_is_asked(
    client: Client, provider: Provider
) -> None:
    answer = client.post(f"{BEGIN}?scope=admin&auth_params=prompt%3Dnone&process=connect")
    page = html.unescape(answer.content.decode())
    assert "admin" not in page[page.index("refresh") :][:800]
    assert "prompt" not in page


def test_the_secret_is_told_to_the_service_alone(
    client: Client, provider: Provider, mia: User, caplog: pytest.LogCaptureFixture
) -> None:
    assert SECRET not in begin(client)
    provider.answers["/token"] = (400, {}, SECRET.encode())
    come_back(client, provider)
    assert SECRET not in caplog.text
    assert SECRET not in str(list(ActivityEvent.objects.values()))
