"""The authenticator app in the preferences, and the recovery codes that stand in for it."""

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth
from django.test import Client

from accounts.models import User
from activity.models import ActivityEvent
from tests.accounts.factors.apps import (
    ADD,
    CODE,
    CODES,
    App,
    give_password,
    is_signed_in,
)
from tests.builders import make_user
from tests.lapsed import lapse

pytestmark = pytest.mark.django_db
REMOVE = "/preferences/app/remove/"


@pytest.fixture
def client(mia: User) -> Client:
    """Mia's browser, just after the sign-in."""
    client = Client()
    client.force_login(mia)
    return client


def secret_in(page: Any) -> str:
    return page.context["form"].secret


def add(client: Client) -> Any:
    """Add an app as its page asks for; returns the answer."""
    secret = secret_in(client.get(ADD))
    return client.post(ADD, {"code": App(secret, []).code()})


def shown_codes(client: Client) -> list[str]:
    return client.get(CODES).context["codes"]


def test_mia_adds_an_app_and_keeps_its_recovery_codes(client: Client, mia: User) -> None:
    page = client.get(ADD)
    text = page.content.decode()
    secret = secret_in(page)
    assert 'src="data:image/svg+xml;base64,' in text
    assert secret in text.replace(" ", "")
    answer = client.post(ADD, {"code": App(secret, []).code()})
    assert answer.url == CODES
    codes = shown_codes(client)
    assert len(set(codes)) == 10
    # they wait until she says so
    assert shown_codes(client) == codes
    assert "You have not kept them yet." in client.get("/preferences/").content.decode()
    assert client.post(CODES).url == "/preferences/#second-step"
    preferences = client.get("/preferences/").content.decode()
    assert "Authenticator app" in preferences
    assert "10 codes left." in preferences
    assert codes[0] not in preferences
    assert client.get(CODES).url == "/preferences/#second-step"
    assert client.get(f"{CODES}download/").status_code == 404


def test_the_app_that_was_added_is_the_one_that_is_asked_for(client: Client, mia: User) -> None:
    secret = secret_in(client.get(ADD))
    code = App(secret, []).code()
    client.post(ADD, {"code": code})
    elsewhere = Client()
    assert give_password(elsewhere, mia).url == CODE
    # the code that added the app is used up
    assert elsewhere.post(CODE, {"code": code}).status_code == 422
    elsewhere.post(CODE, {"code": App(secret, []).code(1)})
    assert is_signed_in(elsewhere)


def test_the_codes_can_be_downloaded_until_they_are_kept(client: Client) -> None:
    add(client)
    answer = client.get(f"{CODES}download/")
    assert answer["Content-Type"].startswith("text/plain")
    assert answer["Content-Disposition"] == 'attachment; filename="recovery-codes.txt"'
    assert "no-store" in answer["Cache-Control"]
    text = answer.content.decode()
    assert "Recovery codes of mia@annals.example" in text
    assert all(code in text.splitlines() for code in shown_codes(client))


def test_neither_secret_nor_codes_stand_in_the_database_as_they_are(client: Client) -> None:
    secret = secret_in(client.get(ADD))
    client.post(ADD, {"code": App(secret, []).code()})
    codes = shown_codes(client)
    stored = str(list(Authenticator.objects.values())) + str(list(ActivityEvent.objects.values()))
    stored += str(dict(client.session))
    assert secret not in stored
    assert not any(code in stored for code in codes)
    seed = Authenticator.objects.get(type="recovery_codes").data["seed"]
    assert seed.startswith("gAAAA")


def test_a_wrong_code_keeps_the_picture_that_was_scanned(client: Client) -> None:
    secret = secret_in(client.get(ADD))
    page = client.post(ADD, {"code": "000000"})
    assert page.status_code == 422
    assert secret_in(page) == secret
    assert 'aria-invalid="true"' in page.content.decode()
    assert client.post(ADD, {"code": App(secret, []).code()}).url == CODES


def test_without_a_page_before_it_a_code_adds_nothing(client: Client, mia: User) -> None:
    assert client.post(ADD, {"code": "123456"}).status_code == 422
    assert not mia.authenticator_set.exists()


def test_there_is_one_app_at_a_time(client: Client, mia: User) -> None:
    add(client)
    assert client.get(ADD).url == REMOVE
    assert client.post(ADD, {"code": "123456"}).url == REMOVE
    assert mia.authenticator_set.filter(type="totp").count() == 1


def test_the_session_gets_a_new_key_with_the_app(client: Client) -> None:
    secret = secret_in(client.get(ADD))
    before = client.session.session_key
    client.post(ADD, {"code": App(secret, []).code()})
    assert client.session.session_key != before
    assert is_signed_in(client)


def test_mia_removes_the_app_and_its_codes(client: Client, mia: User, app: App) -> None:
    assert "password alone signs you in" in client.get(REMOVE).content.decode()
    assert mia.authenticator_set.count() == 2
    assert client.post(REMOVE).url == "/preferences/#second-step"
    assert not mia.authenticator_set.exists()
    elsewhere = Client()
    assert give_password(elsewhere, mia).url == "/"
    assert is_signed_in(elsewhere)
    assert client.get(REMOVE).status_code == 404


def test_codes_go_with_the_app_even_where_a_passkey_stays(
    client: Client, mia: User, app: App
) -> None:
    data = {"name": "Laptop", "credential": {"id": "x"}}
    Authenticator.objects.create(user=mia, type="webauthn", data=data)
    client.post(REMOVE)
    assert [factor.type for factor in mia.authenticator_set.all()] == ["webauthn"]


def test_new_codes_take_the_place_of_the_old_ones(client: Client, mia: User, app: App) -> None:
    page = client.get(f"{CODES}new/").content.decode()
    assert "There are 10 codes left." in page
    assert client.post(f"{CODES}new/").url == CODES
    new = shown_codes(client)
    assert not set(new) & set(app.recovery_codes)
    elsewhere = Client()
    give_password(elsewhere, mia)
    assert elsewhere.post(CODE, {"code": app.recovery_codes[0]}).status_code == 422
    assert elsewhere.post(CODE, {"code": new[0]}).status_code == 302


def test_without_an_app_there_are_no_codes_to_make(client: Client, mia: User) -> None:
    page = client.post(f"{CODES}new/")
    assert page.status_code == 422
    assert "Add one first" in page.content.decode()
    assert not mia.authenticator_set.exists()
    assert client.get(CODES).url == "/preferences/#second-step"


@pytest.mark.parametrize("path", [ADD, REMOVE, CODES, f"{CODES}new/", f"{CODES}download/"])
def test_some_time_after_the_sign_in_it_has_to_be_confirmed(
    client: Client, mia: User, app: App, path: str
) -> None:
    if path == ADD:
        mia.authenticator_set.all().delete()
    lapse(client)
    assert client.get(path).url.startswith("/accounts/confirm/?next=%2Fpreferences%2F")
    held = mia.authenticator_set.count()
    assert client.post(path).status_code in {302, 405}
    assert mia.authenticator_set.count() == held


def test_a_code_confirms_that_it_is_mia(client: Client, app: App) -> None:
    lapse(client)
    asked = client.get(REMOVE).url
    assert "Use a code" in client.get(asked).content.decode()
    page = client.post("/accounts/confirm/code/", {"code": "000000", "next": REMOVE})
    assert page.status_code == 422
    answer = client.post("/accounts/confirm/code/", {"code": app.code(), "next": REMOVE})
    assert answer.url == REMOVE
    assert client.get(REMOVE).status_code == 200


def test_the_app_lists_the_account_under_the_name_of_the_site(client: Client) -> None:
    url = client.get(ADD).context["totp_url"]
    assert url.startswith("otpauth://totp/mia%40annals.example?secret=")
    assert url.endswith("&issuer=Annals")


def test_under_a_new_key_of_the_server_with_the_old_one_kept_codes_go_on(
    mia: User, app: App, settings: Any
) -> None:
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "a new one, which is long enough for anything"
    client = Client()
    give_password(client, mia)
    assert client.post(CODE, {"code": app.code()}).status_code == 302
    assert is_signed_in(client)


def test_where_the_key_was_lost_the_page_says_whom_to_ask(
    mia: User, app: App, settings: Any
) -> None:
    settings.SECRET_KEY = "a new one, which is long enough for anything"
    client = Client()
    give_password(client, mia)
    page = client.post(CODE, {"code": app.code()})
    assert page.status_code == 422
    assert "Ask an administrator" in page.content.decode()
    assert not is_signed_in(client)


def test_nobody_removes_the_app_of_somebody_else(client: Client, app: App) -> None:
    client.force_login(make_user(name="Ben"))
    assert client.post(REMOVE).status_code == 404
    assert Authenticator.objects.filter(type="totp").exists()


def test_a_key_that_was_shown_and_never_confirmed_is_no_app(client: Client, mia: User) -> None:
    client.get(ADD)
    elsewhere = Client()
    assert give_password(elsewhere, mia).url == "/"
    assert auth.SECRET_SESSION_KEY in client.session
