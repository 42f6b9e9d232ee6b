"""Sessions begin with a new key, and end with time and with changed keys."""

from typing import Any

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session as StoredByDjango
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from environ import Env

from accounts.models import User
from accounts.sessions import Session, end_sessions
from config.sessions import session_settings
from tests.accounts.sessions.devices import (
    DAY,
    IPHONE,
    PASSWORD,
    browser,
    is_signed_in,
    later,
    shown,
)
from tests.builders import make_user

pytestmark = pytest.mark.django_db


def test_a_sign_in_has_a_session_of_a_new_key(client: Client, mia: User) -> None:
    client.get("/accounts/login/")
    session = client.session
    session["x"] = 1
    session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = before = session.session_key
    client.post("/accounts/login/", {"login": mia.email, "password": PASSWORD})
    assert client.session.session_key != before
    assert not Session.objects.filter(pk=before).exists()


def test_another_password_ends_all_other_sessions_and_not_this_one(mia: User) -> None:
    phone, desk = browser(mia, IPHONE), browser(mia)
    typed = {
        "oldpassword": PASSWORD,
        "password1": "another riverbed",
        "password2": "another riverbed",
    }
    assert desk.post("/accounts/password/change/", typed).status_code == 302
    assert not Session.objects.filter(pk=phone.session.session_key).exists()
    assert is_signed_in(desk)
    assert "Firefox on Linux This device" in shown(desk)


def test_a_password_that_is_only_kept_in_another_form_ends_none(mia: User, settings: Any) -> None:
    desk = browser(mia)
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.PBKDF2PasswordHasher",
        *settings.PASSWORD_HASHERS,
    ]
    assert mia.check_password(PASSWORD)
    assert Session.objects.filter(pk=desk.session.session_key).exists()


def test_who_is_switched_off_has_no_session_left(mia: User) -> None:
    browser(mia)
    User.objects.filter(pk=mia.pk).update(is_active=False)
    assert not Session.objects.filter(user=mia).exists()


def test_who_lost_the_role_has_no_session_left_but_who_has_another_keeps_it(mia: User) -> None:
    desk = browser(mia)
    mia.assign_role("viewer")
    assert is_signed_in(desk)
    mia.groups.clear()
    assert not Session.objects.filter(user=mia).exists()


def test_a_session_ends_after_days_however_busy(mia: User) -> None:
    desk = browser(mia)
    later(desk, 14 * DAY - 60)
    assert is_signed_in(desk)
    later(desk, 120)
    assert not is_signed_in(desk)


def test_a_session_that_nobody_uses_ends_after_hours(mia: User) -> None:
    desk = browser(mia)
    row = Session.objects.get(user=mia)
    hours = (row.expire_date - timezone.now()).total_seconds() / 3600
    assert 71.9 < hours <= 72
    later(desk, 3700)
    is_signed_in(desk)  # noted as use
    assert Session.objects.get(user=mia).expire_date > row.expire_date


def test_a_deployment_may_leave_the_idle_alone(mia: User, settings: Any) -> None:
    settings.SESSION_IDLE_HOURS = 0
    browser(mia)
    days = (Session.objects.get(user=mia).expire_date - timezone.now()).total_seconds() / DAY
    assert 13.9 < days <= 14


def test_use_is_written_down_once_an_hour(mia: User) -> None:
    desk = browser(mia)
    is_signed_in(desk)
    seen = Session.objects.get(user=mia).seen_at
    is_signed_in(desk)
    assert Session.objects.get(user=mia).seen_at == seen
    later(desk, 3700)
    noted = Session.objects.get(user=mia).seen_at
    is_signed_in(desk)
    assert Session.objects.get(user=mia).seen_at > noted


@pytest.mark.parametrize(
    "headers", [{"HX-Request": "true"}, {"Accept": "text/event-stream"}], ids=["poll", "stream"]
)
def test_what_a_page_asks_for_by_itself_is_no_use(mia: User, headers: dict[str, str]) -> None:
    desk = browser(mia)
    later(desk, 3700)
    before = Session.objects.get(user=mia).seen_at
    desk.get("/contacts/", headers=headers)
    assert Session.objects.get(user=mia).seen_at == before


def test_sessions_that_are_over_go_with_the_address_they_hold(mia: User) -> None:
    browser(mia)
    Session.objects.update(expire_date=timezone.now())
    call_command("clearsessions")
    assert not Session.objects.exists()


def test_sessions_of_the_release_before_are_found_too(mia: User) -> None:
    desk = browser(mia)
    browser(make_user(name="Ben", password=PASSWORD))
    Session.objects.update(user=None, seen_at=None, since=None)
    assert is_signed_in(desk)
    assert end_sessions(mia.pk) == 1
    assert not is_signed_in(desk)


def test_the_release_before_goes_on_with_the_table(mia: User) -> None:
    desk = browser(mia)
    row = StoredByDjango.objects.get()
    row.save()
    StoredByDjango.objects.create(session_key="x" * 32, session_data="", expire_date=timezone.now())
    assert Session.objects.get(user=mia).address == "192.0.2.7"
    assert is_signed_in(desk)


@pytest.mark.parametrize(("name", "value"), [("SESSION_DAYS", "0"), ("SESSION_IDLE_HOURS", "-1")])
def test_settings_that_make_no_sense_are_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ImproperlyConfigured, match=name):
        session_settings(Env())
