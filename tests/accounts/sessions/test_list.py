"""Where somebody is signed in: seen and ended by their owner."""

import pytest
from django.test import Client

from accounts.devices import in_words
from accounts.models import User
from accounts.sessions import DEVICE, Session
from activity.models import ActivityEvent
from tests.accounts.sessions.devices import FIREFOX, IPHONE, browser, buttons, is_signed_in, shown
from tests.builders import make_user
from tests.lapsed import lapse

pytestmark = pytest.mark.django_db


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
