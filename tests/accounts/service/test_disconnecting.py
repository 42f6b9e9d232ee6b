"""The sign-in service in the preferences: that it is connected, and disconnecting it."""

import pytest
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.test import Client

from accounts.models import User
from tests.accounts.service.provider import Provider
from tests.accounts.service.visiting import come_back, is_signed_in, payloads
from tests.builders import make_user
from tests.contacts.portal_people import make_amara, make_portal
from tests.lapsed import lapse

pytestmark = pytest.mark.django_db
PASSWORD = "a riverbed in June"


@pytest.fixture
def mia() -> User:
    return make_user(name="Mia", password=PASSWORD)


@pytest.fixture
def page(client: Client, provider: Provider, mia: User) -> str:
    """Have Mia sign in through the service; where she disconnects it."""
    come_back(client, provider)
    return f"/preferences/services/{SocialAccount.objects.get().pk}/disconnect/"


def test_mia_disconnects_the_service_and_signs_in_with_her_password(
    client: Client, mia: User, page: str
) -> None:
    preferences = client.get("/preferences/").content.decode()
    assert "Calder Wren Login" in preferences
    assert f'href="{page}"' in preferences
    asked = client.get(page).content.decode()
    assert "You can still sign in with your password." in asked
    assert SocialAccount.objects.exists()
    answer = client.post(page, follow=True)
    assert answer.redirect_chain == [("/preferences/", 302)]
    assert "Disconnected" in answer.content.decode()
    assert "Calder Wren Login" not in answer.content.decode()
    assert not SocialAccount.objects.exists()
    [removed] = payloads("user.oidc_removed")
    assert (removed["name"], removed["provider"]) == ("Mia", "Calder Wren Login")
    again = Client()
    again.post("/accounts/login/", {"login": mia.email, "password": PASSWORD})
    assert is_signed_in(again)


def test_a_passkey_is_another_way_in(client: Client, mia: User, page: str) -> None:
    mia.set_unusable_password()
    mia.save()
    client.force_login(mia)
    Authenticator.objects.create(user=mia, type="webauthn", data={"name": "Laptop"})
    assert "You can still sign in with a passkey." in client.get(page).content.decode()
    client.post(page)
    assert not SocialAccount.objects.exists()


def test_the_only_way_in_stays(client: Client, mia: User, page: str) -> None:
    mia.set_unusable_password()
    mia.save()
    client.force_login(mia)
    asked = client.get(page).content.decode()
    assert "This is the only way into your account." in asked
    assert ">Disconnect</button>" not in asked
    answer = client.post(page)
    assert answer.status_code == 422
    assert "This is the only way into your account." in answer.content.decode()
    assert SocialAccount.objects.exists()


def test_some_time_after_the_sign_in_it_has_to_be_confirmed(client: Client, page: str) -> None:
    lapse(client)
    assert client.get(page).status_code == 200
    assert client.post(page).url.startswith("/accounts/confirm/?next=")
    assert SocialAccount.objects.exists()
    confirmed = client.post("/accounts/confirm/", {"password": PASSWORD, "next": page})
    assert client.get(confirmed.url).status_code == 200
    client.post(page)
    assert not SocialAccount.objects.exists()


def test_nobody_disconnects_somebody_else(page: str) -> None:
    ben = Client()
    ben.force_login(make_user(name="Ben"))
    assert ben.get(page).status_code == ben.post(page).status_code == 404
    assert SocialAccount.objects.exists()
    assert Client().post(page).url.startswith("/accounts/login/")


def test_without_a_connection_the_preferences_say_nothing_of_it(
    client: Client, provider: Provider, mia: User
) -> None:
    client.force_login(mia)
    assert "Sign-in service" not in client.get("/preferences/").content.decode()


def test_a_portal_lists_it_too(client: Client, provider: Provider) -> None:
    amara = make_portal(make_amara())
    provider.person["email"] = amara.email
    come_back(client, provider)
    text = client.get("/portal/preferences/").content.decode()
    page = f"/preferences/services/{SocialAccount.objects.get().pk}/disconnect/"
    assert f'href="{page}"' in text
    assert client.get(page).status_code == 200
