"""Who signs in through a service of the organisation, a real little OpenID provider."""

import re
from typing import Any

import pytest
from allauth.socialaccount.models import SocialAccount, SocialToken
from django.test import Client

from accounts.models import User
from activity.models import ActivityEvent
from tests.accounts.factors.apps import CODE, add_app
from tests.accounts.service.provider import Provider
from tests.accounts.service.visiting import BACK, BEGIN, begin, come_back, is_signed_in, payloads

pytestmark = pytest.mark.django_db


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


def test_the_session_gets_a_new_key(client: Client, provider: Provider, mia: User) -> None:
    address = begin(client)
    before = client.session.session_key
    client.get(provider.sign_in(address).removeprefix("http://testserver"))
    assert is_signed_in(client)
    assert client.session.session_key != before
