"""Signing in with an authenticator app: the password alone opens nothing any more."""

import time
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from accounts.models import User
from activity.models import ActivityEvent
from tests.accounts.factors.apps import (
    CODE,
    App,
    add_app,
    give_password,
    is_signed_in,
    sign_ins,
)
from tests.builders import make_user

pytestmark = pytest.mark.django_db


def test_without_an_app_the_password_signs_in(client: Client, mia: User) -> None:
    assert give_password(client, mia).url == "/"
    assert is_signed_in(client)
    assert sign_ins() == [{"actor": "Mia", "name": "Mia", "method": "password"}]


def test_with_an_app_its_code_is_asked_for(client: Client, mia: User, app: App) -> None:
    assert give_password(client, mia, next="/contacts/?q=wren").url == CODE
    assert not is_signed_in(client)
    assert sign_ins() == []
    page = client.get(CODE).content.decode()
    assert 'autocomplete="one-time-code"' in page
    answer = client.post(CODE, {"code": app.code()})
    assert answer.url == "/contacts/?q=wren"
    assert is_signed_in(client)
    assert sign_ins() == [{"actor": "Mia", "name": "Mia", "method": "password", "second": "totp"}]


def test_a_code_may_be_typed_with_a_blank_and_half_a_minute_late(
    client: Client, mia: User, app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    give_password(client, mia)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now)  # or the half minute may end before it is typed
    code = app.code(-1)
    assert client.post(CODE, {"code": f" {code[:3]} {code[3:]} "}).status_code == 302
    assert is_signed_in(client)


@pytest.mark.parametrize("steps", [-3, 3])
def test_a_code_of_another_time_is_refused(client: Client, mia: User, app: App, steps: int) -> None:
    give_password(client, mia)
    assert client.post(CODE, {"code": app.code(steps)}).status_code == 422
    assert not is_signed_in(client)


@pytest.mark.parametrize("typed", ["", "12", "x" * 41, "\x00", "١٢٣٤٥٦", "é" * 6, "<b>"])
def test_what_is_no_code_is_refused_and_said_so(
    client: Client, mia: User, app: App, typed: str
) -> None:
    give_password(client, mia)
    page = client.post(CODE, {"code": typed})
    assert page.status_code == 422
    assert 'aria-invalid="true"' in page.content.decode()
    assert not is_signed_in(client)


def test_a_wrong_code_is_an_event_without_what_was_typed(
    client: Client, mia: User, app: App
) -> None:
    give_password(client, mia)
    client.post(CODE, {"code": "000000"})
    [failed] = sign_ins("user.sign_in_failed")
    assert (failed["name"], failed["method"]) == ("Mia", "second step")
    assert "000000" not in str(list(ActivityEvent.objects.values()))


def test_a_code_signs_in_once_as_long_as_it_would_be_good(
    client: Client, mia: User, app: App
) -> None:
    code = app.code()
    give_password(client, mia)
    client.post(CODE, {"code": code})
    assert is_signed_in(client)
    # allauth forgets it after half a minute, when it is good for another one
    cache.delete(f"allauth.mfa.totp.used?user={mia.pk}&code={code}")
    thief = Client()
    give_password(thief, mia)
    page = thief.post(CODE, {"code": code})
    assert page.status_code == 422
    assert "was used already" in page.content.decode()
    assert not is_signed_in(thief)


def test_after_five_wrong_codes_even_the_right_one_waits(
    client: Client, mia: User, app: App
) -> None:
    give_password(client, mia)
    for _ in range(5):
        client.post(CODE, {"code": "000000"})
    page = client.post(CODE, {"code": app.code()})
    assert page.status_code == 422
    assert "Wait five minutes" in page.content.decode()
    assert not is_signed_in(client)


def test_a_recovery_code_signs_in_once(client: Client, mia: User, app: App) -> None:
    for status in (302, 422):
        browser = Client()
        give_password(browser, mia)
        assert browser.post(CODE, {"code": app.recovery_codes[0]}).status_code == status
        assert is_signed_in(browser) == (status == 302)
    assert sign_ins()[0]["second"] == "recovery_codes"
    [used] = sign_ins("user.recovery_code_used")
    assert used["left"] == 9


def test_the_code_of_another_account_opens_nothing(client: Client, mia: User, app: App) -> None:
    bens = add_app(make_user(name="Ben"))
    give_password(client, mia)
    assert client.post(CODE, {"code": bens.code()}).status_code == 422
    assert client.post(CODE, {"code": bens.recovery_codes[0]}).status_code == 422
    assert not is_signed_in(client)


def test_without_a_password_before_it_there_is_no_second_step(client: Client, app: App) -> None:
    for answer in (client.get(CODE), client.post(CODE, {"code": app.code()})):
        assert answer.url == "/accounts/login/"
    assert not is_signed_in(client)


def test_a_wrong_password_is_never_asked_for_a_code(client: Client, mia: User, app: App) -> None:
    page = client.post("/accounts/login/", {"login": mia.email, "password": "wrong"})
    assert page.status_code == 422
    assert client.get(CODE).url == "/accounts/login/"


def test_who_changed_the_mind_goes_back_to_the_sign_in(client: Client, mia: User, app: App) -> None:
    give_password(client, mia)
    assert client.post("/accounts/logout/", {"next": "/accounts/login/"}).url == "/accounts/login/"
    assert client.get(CODE).url == "/accounts/login/"


def test_somebody_switched_off_meanwhile_does_not_get_in(
    client: Client, mia: User, app: App
) -> None:
    give_password(client, mia)
    User.objects.filter(pk=mia.pk).update(is_active=False)
    client.post(CODE, {"code": app.code()})
    assert not is_signed_in(client)


def test_a_new_password_by_mail_does_not_go_around_the_app(
    client: Client, mia: User, app: App, mailoutbox: list[Any]
) -> None:
    client.post("/accounts/password/reset/", {"email": mia.email})
    link = next(word for word in mailoutbox[0].body.split() if "/reset/key/" in word)
    form_page = client.get(link.partition("8000")[2] or link, follow=True)
    new = "another riverbed 2026"
    path = form_page.request["PATH_INFO"]
    client.post(path, {"password1": new, "password2": new})
    assert not is_signed_in(client)
    answer = client.post("/accounts/login/", {"login": mia.email, "password": new})
    assert answer.url == CODE
    assert not is_signed_in(client)


def test_the_session_gets_a_new_key_with_the_second_step(
    client: Client, mia: User, app: App
) -> None:
    client.get("/accounts/login/")
    give_password(client, mia)
    before = client.session.session_key
    client.post(CODE, {"code": app.code()})
    assert is_signed_in(client)
    assert client.session.session_key != before
    thief = Client()
    thief.cookies["sessionid"] = before
    assert not is_signed_in(thief)


def test_the_app_notes_when_it_was_used(client: Client, mia: User, app: App) -> None:
    began = timezone.now()
    give_password(client, mia)
    client.post(CODE, {"code": app.code()})
    assert mia.authenticator_set.get(type="totp").last_used_at >= began
