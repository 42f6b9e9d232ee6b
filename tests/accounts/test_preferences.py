"""What users decide about their own account, and that pages follow it."""

from datetime import UTC, datetime

import pytest
from django.test import Client
from django.utils import timezone, translation

from accounts.models import User
from tests.builders import make_contact, make_user

pytestmark = pytest.mark.django_db
FORM = {
    "name": "Mia Zhao",
    "time_zone": "UTC",
    "language": "en",
    "theme": "system",
    "shortcuts": "on",
    "digest": "hourly",
}


@pytest.fixture
def mia(client: Client) -> User:
    mia = make_user(name="Mia")
    client.force_login(mia)
    return mia


def test_saving_preferences_keeps_them(client: Client, mia: User) -> None:
    typed = {"name": "Mia Z.", "time_zone": "Asia/Tokyo", "language": "de", "theme": "dark"}
    answer = client.post("/preferences/", FORM | typed)
    assert answer.url == "/preferences/"
    mia.refresh_from_db()
    assert {name: getattr(mia, name) for name in typed} == typed
    page = client.get("/preferences/").content.decode()
    assert 'data-theme="dark"' in page
    assert '<html lang="de"' in page
    assert '<option value="Asia/Tokyo" selected>Tokyo</option>' in page


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("time_zone", "Mars/Olympus"),
        ("language", "tlh"),
        ("theme", "neon"),
    ],
)
def test_what_cannot_be_is_refused_and_what_was_typed_is_kept(
    client: Client, mia: User, field: str, value: str
) -> None:
    answer = client.post("/preferences/", FORM | {"name": "Somebody", field: value})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert 'aria-invalid="true"' in page
    assert field == "name" or 'value="Somebody"' in page
    mia.refresh_from_db()
    assert mia.name == "Mia"


def test_nobody_changes_address_or_role_here(client: Client, mia: User) -> None:
    client.post("/preferences/", FORM | {"email": "x@annals.example", "is_superuser": "on"})
    mia.refresh_from_db()
    assert mia.email == "mia@annals.example"
    assert not mia.is_superuser


def test_an_old_name_of_a_time_zone_stays_chosen(client: Client, mia: User) -> None:
    User.objects.filter(pk=mia.pk).update(time_zone="US/Eastern")
    page = client.get("/preferences/").content.decode()
    assert '<option value="US/Eastern" selected>US/Eastern</option>' in page


@pytest.mark.parametrize(
    ("zone", "shown"),
    [
        ("UTC", "23:30"),
        ("Europe/Berlin", "00:30"),
        ("Asia/Kolkata", "05:00"),
        ("Pacific/Kiritimati", "13:30"),
    ],
)
def test_times_are_shown_in_the_users_zone(
    client: Client, mia: User, zone: str, shown: str
) -> None:
    ada = make_user(name="Ada", time_zone=zone)
    User.objects.filter(pk=ada.pk).update(
        last_login=datetime(2026, 1, 10, 23, 30, tzinfo=UTC), language="de"
    )
    client.force_login(ada)
    User.objects.filter(pk=mia.pk).update(last_login=datetime(2026, 1, 10, 23, 30, tzinfo=UTC))
    page = client.get(f"/admin/accounts/user/{mia.pk}/change/").content.decode()
    assert shown in page


def test_one_users_preferences_do_not_reach_the_next_request(client: Client, mia: User) -> None:
    User.objects.filter(pk=mia.pk).update(time_zone="Asia/Tokyo", language="de")
    client.get("/preferences/")
    assert timezone.get_current_timezone_name() == "UTC"
    assert translation.get_language() == "en"


def test_a_contact_page_shows_times_in_the_users_zone(client: Client, mia: User) -> None:
    contact = make_contact()
    User.objects.filter(pk=mia.pk).update(time_zone="Asia/Kathmandu")
    assert "+05:45" in client.get(contact.get_absolute_url()).content.decode()
