"""Signing in through a service of the organisation, against a real little OpenID provider."""

import html
import re
from typing import Any

import pytest
from allauth.socialaccount.models import SocialAccount, SocialToken
from django.test import Client

from accounts.models import User
from accounts.service import may_be_asked
from activity.models import ActivityEvent
from tests.accounts.factors.apps import CODE, add_app
from tests.accounts.service.provider import SECRET, Provider
from tests.builders import make_user

pytestmark = pytest.mark.django_db
BEGIN, BACK = "/accounts/service/", "/accounts/service/callback/"


@pytest.fixture
def mia() -> User:
    return make_user(name="Mia")


def begin(client: Client, **more: str) -> str:
    """Press the button; returns the address that the page leads to."""
    answer = client.post(BEGIN, more)
    assert answer.status_code == 200
    found = re.search(r'http-equiv="refresh" content="0; url=([^"]+)"', answer.content.decode())
    return html.unescape(found[1])


def come_back(client: Client, provider: Provider, **more: str) -> Any:
    """Sign in at the service, and return what Annals answers afterwards."""
    back = provider.sign_in(begin(client, **more))
    assert back.startswith(f"http://testserver{BACK}?")
    return client.get(back.removeprefix("http://testserver"))


def is_signed_in(client: Client) -> bool:
    return client.get("/preferences/").status_code == 200


def payloads(verb: str) -> list[dict[str, Any]]:
    return [event.payload for event in ActivityEvent.objects.filter(verb=verb).order_by("pk")]


def test_the_sign_in_page_offers_the_service_by_its_name(
    client: Client, provider: Provider
) -> None:
    page = client.get("/accounts/login/?next=/contacts/").content.decode()
    assert "Sign in with Calder Wren Login" in page
    assert page.count('name="next" value="/contacts/"') == 3


def test_without_a_service_nothing_is_offered(client: Client) -> None:
    assert "Sign in with a passkey" not in client.get("/accounts/login/").content.decode()
    assert "Sign in with" not in client.get("/accounts/login/").content.decode()
    assert client.post(BEGIN).status_code == 404
    assert client.get(BACK).status_code == 404


def test_mia_signs_in_and_is_connected_by_her_verified_address(
    client: Client, provider: Provider, mia: User
) -> None:
    answer = come_back(client, provider, next="/contacts/?q=wren")
    assert answer.url == "/contacts/?q=wren"
    assert is_signed_in(client)
    assert payloads("user.signed_in") == [{"actor": "Mia", "name": "Mia", "method": "service"}]
    [connected] = payloads("user.oidc_connected")
    assert (connected["name"], connected["provider"]) == ("Mia", "Calder Wren Login")


def test_what_the_service_tells_is_not_kept(client: Client, provider: Provider, mia: User) -> None:
    provider.person |= {"picture": "https://x.example/mia.png", "phone_number": "+44 1"}
    come_back(client, provider)
    account = SocialAccount.objects.get()
    assert account.extra_data == {}
    assert re.fullmatch("[0-9a-f]{64}", account.uid)
    assert not SocialToken.objects.exists()
    assert "mia-7" not in str(list(ActivityEvent.objects.values()))


def test_the_next_time_mia_is_known_whatever_her_address_is_by_then(
    client: Client, provider: Provider, mia: User
) -> None:
    come_back(client, provider)
    provider.person |= {"email": "mia.zhao@annals.example", "email_verified": False}
    again = Client()
    assert come_back(again, provider).status_code == 302
    assert is_signed_in(again)
    assert len(payloads("user.oidc_connected")) == 1
    assert SocialAccount.objects.count() == 1


def test_somebody_of_the_same_number_at_another_service_is_somebody_else(
    client: Client, provider: Provider, mia: User, settings: Any
) -> None:
    come_back(client, provider)
    other = Provider()
    other.person |= {"email": "ben@annals.example"}
    settings.OIDC_SERVER_URL = other.url
    again = Client()
    assert come_back(again, other).status_code == 403
    assert not is_signed_in(again)
    other.stop()


@pytest.mark.parametrize("said", [False, None, "false"])
def test_an_address_that_is_not_verified_lets_nobody_in(
    client: Client, provider: Provider, mia: User, said: Any
) -> None:
    provider.person["email_verified"] = said
    answer = come_back(client, provider)
    assert answer.status_code == 403
    assert "Your address is not verified" in answer.content.decode()
    assert not is_signed_in(client)
    assert not SocialAccount.objects.exists()
    assert payloads("user.sign_in_failed")[0]["method"] == "service"


@pytest.mark.parametrize("email", [None, "nonsense", 7])
def test_without_an_address_nobody_is_let_in(
    client: Client, provider: Provider, mia: User, email: Any
) -> None:
    provider.person["email"] = email
    assert come_back(client, provider).status_code == 403
    assert not is_signed_in(client)


def test_whom_nobody_has_added_reads_whom_to_ask(client: Client, provider: Provider) -> None:
    answer = come_back(client, provider)
    assert answer.status_code == 403
    page = answer.content.decode()
    assert "There is no account for you yet" in page
    assert "mia@annals.example" in page
    assert not User.objects.exists()
    assert not is_signed_in(client)


def test_who_was_switched_off_is_not_let_in(client: Client, provider: Provider, mia: User) -> None:
    User.objects.update(is_active=False)
    assert come_back(client, provider).url == "/accounts/inactive/"
    assert not is_signed_in(client)
    assert not SocialAccount.objects.exists()


def test_who_was_switched_off_later_is_not_let_in_either(
    client: Client, provider: Provider, mia: User
) -> None:
    come_back(client, provider)
    User.objects.update(is_active=False)
    again = Client()
    assert come_back(again, provider).url == "/accounts/inactive/"
    assert not is_signed_in(again)


def test_with_an_app_its_code_is_asked_for_after_the_service(
    client: Client, provider: Provider, mia: User
) -> None:
    app = add_app(mia)
    assert come_back(client, provider, next="/contacts/").url == CODE
    assert not is_signed_in(client)
    assert client.post(CODE, {"code": app.code()}).url == "/contacts/"
    [signed_in] = payloads("user.signed_in")
    assert (signed_in["method"], signed_in["second"]) == ("service", "totp")


def test_new_people_are_let_in_where_the_settings_say_so(
    client: Client, provider: Provider, settings: Any
) -> None:
    settings.OIDC_CREATES_USERS = True
    provider.person |= {"email": "New@Annals.example", "name": "  Nora\n New "}
    come_back(client, provider)
    nora = User.objects.get()
    assert (nora.email, nora.name, nora.role) == ("new@annals.example", "Nora New", None)
    assert not nora.has_usable_password()
    assert "Your account has no role yet" in client.get("/").content.decode()


def test_new_people_get_the_role_of_the_settings(
    client: Client, provider: Provider, settings: Any
) -> None:
    settings.OIDC_CREATES_USERS, settings.OIDC_DEFAULT_ROLE = True, "viewer"
    come_back(client, provider)
    assert User.objects.get().role == "viewer"
    assert is_signed_in(client)


@pytest.mark.parametrize("change", ["wrong", "missing", "twice", "of another browser"])
def test_an_answer_that_was_not_asked_for_signs_nobody_in(
    client: Client, provider: Provider, mia: User, change: str
) -> None:
    path = provider.sign_in(begin(client)).removeprefix("http://testserver")
    browser = client
    if change == "wrong":
        path = re.sub("state=.+", "state=wrong", path)
    elif change == "missing":
        path = re.sub("&state=.+", "", path)
    elif change == "twice":
        client.get(path)
        client.post("/accounts/logout/")
    else:
        browser = Client()
    answer = browser.get(path)
    assert answer.status_code == 401
    assert "Signing in did not work" in answer.content.decode()
    assert not is_signed_in(browser)


def test_a_code_that_the_service_does_not_know_signs_nobody_in(
    client: Client, provider: Provider, mia: User
) -> None:
    path = provider.sign_in(begin(client)).removeprefix("http://testserver")
    provider.codes.clear()
    answer = client.get(path)
    assert answer.status_code == 502
    assert not is_signed_in(client)


def test_who_changes_the_mind_at_the_service_is_back_at_the_sign_in(
    client: Client, provider: Provider
) -> None:
    path = provider.sign_in(begin(client)).removeprefix("http://testserver")
    path = re.sub("code=[^&]+", "error=access_denied", path)
    answer = client.get(path, follow=True)
    assert answer.redirect_chain == [("/accounts/login/", 302)]
    assert "You were not signed in." in answer.content.decode()


@pytest.mark.parametrize(
    "claims",
    [
        {"sub": "somebody-else"},
        {"aud": "another client"},
        {"iss": "https://evil.example"},
        {"exp": 1},
        {"sub": ""},
    ],
    ids=["subject", "audience", "issuer", "expired", "nobody"],
)
def test_a_token_that_is_about_somebody_or_something_else_signs_nobody_in(
    client: Client, provider: Provider, mia: User, claims: dict[str, Any]
) -> None:
    provider.told_by_token = claims
    answer = come_back(client, provider)
    assert answer.status_code == 502
    assert "Signing in did not work" in answer.content.decode()
    assert not is_signed_in(client)


ODD = {
    "an error": (500, {}, b"Internal error"),
    "nothing": (200, {"Content-Type": "application/json"}, b""),
    "nonsense": (200, {"Content-Type": "application/json"}, b"[1, 2"),
    "a list": (200, {"Content-Type": "application/json"}, b"[1, 2]"),
    "an empty object": (200, {"Content-Type": "application/json"}, b"{}"),
    "a redirect": (302, {"Location": "http://127.0.0.1:1/"}, b""),
    "a token alone": (200, {"Content-Type": "application/json"}, b'{"access_token": "x"}'),
}


@pytest.mark.parametrize(
    ("path", "odd"),
    [
        *(("/token", odd) for odd in sorted(ODD)),
        *(("/userinfo", odd) for odd in ("a list", "a redirect", "an error")),
        *(("/.well-known/openid-configuration", odd) for odd in ("a list", "an empty object")),
    ],
)
def test_a_service_that_answers_oddly_is_no_error_of_annals(
    client: Client, provider: Provider, mia: User, path: str, odd: str
) -> None:
    if "well-known" in path:
        provider.answers[path] = ODD[odd]
        answer = client.post(BEGIN)
    else:
        address = begin(client)
        provider.answers[path] = ODD[odd]
        answer = client.get(provider.sign_in(address).removeprefix("http://testserver"))
    assert answer.status_code == 502
    assert "Signing in did not work" in answer.content.decode()
    assert not is_signed_in(client)


def test_a_service_that_is_away_is_no_error_of_annals(
    client: Client, provider: Provider, settings: Any
) -> None:
    settings.OIDC_SERVER_URL = "http://127.0.0.1:1"
    assert client.post(BEGIN).status_code == 502


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


def test_a_service_that_names_another_server_is_not_followed(
    client: Client, provider: Provider, mia: User
) -> None:
    address = begin(client)
    provider.description = {"token_endpoint": "https://127.0.0.1/token"}
    answer = client.get(provider.sign_in(address).removeprefix("http://testserver"))
    assert answer.status_code == 502
    assert not is_signed_in(client)


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


def test_the_session_gets_a_new_key(client: Client, provider: Provider, mia: User) -> None:
    address = begin(client)
    before = client.session.session_key
    client.get(provider.sign_in(address).removeprefix("http://testserver"))
    assert is_signed_in(client)
    assert client.session.session_key != before


def test_the_secret_is_told_to_the_service_alone(
    client: Client, provider: Provider, mia: User, caplog: pytest.LogCaptureFixture
) -> None:
    assert SECRET not in begin(client)
    provider.answers["/token"] = (400, {}, SECRET.encode())
    come_back(client, provider)
    assert SECRET not in caplog.text
    assert SECRET not in str(list(ActivityEvent.objects.values()))
