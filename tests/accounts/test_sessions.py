"""Where somebody is signed in: seen and ended by their owner, ended by time and by changed keys."""

import re
from typing import Any

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session as StoredByDjango
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from environ import Env

from accounts.devices import in_words
from accounts.models import User
from accounts.sessions import DEVICE, Session, end_sessions
from activity.models import ActivityEvent
from config.sessions import session_settings
from tests.builders import make_user
from tests.lapsed import lapse

pytestmark = pytest.mark.django_db
PASSWORD = "a riverbed in June"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15"
    " (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1"
)
DAY = 24 * 3600


@pytest.fixture
def mia() -> User:
    return make_user(name="Mia", password=PASSWORD)


def browser(user: User, agent: str = FIREFOX, address: str = "192.0.2.7") -> Client:
    """Return a browser in which somebody has signed in with the password."""
    client = Client(headers={"User-Agent": agent}, REMOTE_ADDR=address)
    typed = {"login": user.email, "password": PASSWORD}
    assert client.post("/accounts/login/", typed).status_code == 302
    return client


def is_signed_in(client: Client) -> bool:
    return client.get("/preferences/").status_code == 200


def shown(client: Client) -> str:
    """Return the part of the preferences that lists sessions, in words."""
    page = client.get("/preferences/").content.decode()
    part = page[page.index('id="sessions"') :]
    return " ".join(re.sub("<[^>]*>", " ", part[: part.index("</section>")]).split())


def buttons(client: Client) -> list[str]:
    return re.findall(
        r'action="(/preferences/sessions/\w+/end/)"', client.get("/preferences/").content.decode()
    )


def later(client: Client, seconds: float) -> None:
    """Have a browser's session be that much older."""
    session = client.session
    device = session[DEVICE]
    session[DEVICE] = device | {
        "since": device["since"] - seconds,
        "seen": device["seen"] - seconds,
    }
    session.save()


def test_mia_sees_where_she_is_signed_in(mia: User) -> None:
    phone, desk = browser(mia, IPHONE, "198.51.100.4"), browser(mia)
    listed = shown(desk)
    assert "Firefox on Linux This device" in listed
    assert "Safari on iPhone Signed in" in listed
    assert "198.51.100.4" in listed
    assert "192.0.2.7" in listed
    assert "Safari on iPhone This device" in shown(phone)


def test_no_page_holds_the_key_of_a_session(mia: User) -> None:
    phone, desk = browser(mia, IPHONE), browser(mia)
    page = desk.get("/preferences/").content.decode()
    assert phone.session.session_key not in page
    assert desk.session.session_key not in page


def test_mia_signs_out_her_lost_phone(mia: User) -> None:
    phone, desk = browser(mia, IPHONE), browser(mia)
    [button] = buttons(desk)
    page = desk.post(button, follow=True).content.decode()
    assert "Signed out there" in page
    assert not is_signed_in(phone)
    assert is_signed_in(desk)
    event = ActivityEvent.objects.get(verb="user.sessions_ended")
    assert event.payload["sessions"] == 1
    assert event.actor_id == event.object_id == mia.pk


def test_mia_signs_out_everywhere_else(mia: User) -> None:
    others, desk = [browser(mia, IPHONE), browser(mia)], browser(mia)
    page = desk.post("/preferences/sessions/end/", follow=True).content.decode()
    assert "Signed out on 2 other devices" in page
    assert [is_signed_in(each) for each in (*others, desk)] == [False, False, True]
    assert "Sign out everywhere else" not in shown(desk)


def test_where_nobody_else_is_signed_in_nothing_is_noted(mia: User) -> None:
    page = browser(mia).post("/preferences/sessions/end/", follow=True).content.decode()
    assert "Signed out on 0 other devices" in page
    assert not ActivityEvent.objects.filter(verb="user.sessions_ended").exists()


def test_ending_sessions_asks_who_is_there(mia: User) -> None:
    phone, desk = browser(mia, IPHONE), browser(mia)
    lapse(desk)
    assert "You will be asked" in shown(desk)
    assert desk.post("/preferences/sessions/end/").url.startswith("/accounts/confirm/")
    assert is_signed_in(phone)


def test_nobody_ends_the_session_of_somebody_else(mia: User) -> None:
    browser(mia, IPHONE)
    [button] = buttons(browser(mia))
    ben = Client()
    ben.force_login(make_user(name="Ben"))
    assert ben.post(button).status_code == 404
    assert ben.get(button).status_code == 405
    assert Session.objects.filter(user=mia).count() == 2


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


def test_a_session_without_a_device_gets_one_with_its_next_page(mia: User) -> None:
    desk = browser(mia)
    session = desk.session
    del session[DEVICE]
    session.save()
    assert "Firefox on Linux This device Signed in" not in shown(desk)
    assert "Firefox on Linux This device" in shown(desk)


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (FIREFOX, "Firefox on Linux"),
        (IPHONE, "Safari on iPhone"),
        (
            "Mozilla/5.0 (Windows NT 10.0) Chrome/140.0.0.0 Safari/537.36 Edg/140.0",
            "Edge on Windows",
        ),
        (
            "Mozilla/5.0 (Linux; Android 15) Chrome/140.0.0.0 Mobile Safari/537.36",
            "Chrome on Android",
        ),
        ("curl/8.5.0", "Unknown browser"),
        ("Mozilla/5.0 (Windows NT 10.0)", "Windows"),
        ("", "Unknown browser"),
    ],
    ids=["firefox", "iphone", "edge", "android", "curl", "system", "nothing"],
)
def test_devices_are_said_in_words(agent: str, words: str) -> None:
    assert in_words(agent) == words


@pytest.mark.parametrize(("name", "value"), [("SESSION_DAYS", "0"), ("SESSION_IDLE_HOURS", "-1")])
def test_settings_that_make_no_sense_are_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ImproperlyConfigured, match=name):
        session_settings(Env())
