"""Making a passkey without an account makes one."""

import threading

import pytest
from allauth.core import context
from allauth.mfa.models import Authenticator
from django.contrib.sessions.backends.db import SessionStore
from django.core.exceptions import ValidationError
from django.db import connection
from django.http import HttpRequest
from django.test import Client, RequestFactory

from accounts import passkeys
from accounts.models import User
from tests.accounts.passkeys.ceremonies import (
    EMAIL,
    is_signed_in,
    options_to_sign_in,
    sent,
    sign_in,
)
from tests.authenticator import Device
from tests.builders import make_user

pytestmark = pytest.mark.django_db


def test_an_account_is_made_with_a_passkey_and_signs_in(
    visit: HttpRequest, device: Device, client: Client
) -> None:
    options = passkeys.begin_account(visit, " Amara@Calder.example", "Amara Okonkwo")
    user = passkeys.create_account(visit, EMAIL, "Amara Okonkwo", device.create(sent(options)))
    assert (user.email, user.name, user.role) == (EMAIL, "Amara Okonkwo", None)
    assert not user.has_usable_password()
    assert [str(passkey) for passkey in passkeys.of(user)] == ["Passkey"]
    assert sign_in(client, device.get(options_to_sign_in(client))).status_code == 302
    assert is_signed_in(client)


def test_the_device_is_asked_for_a_passkey_that_needs_no_typing(visit: HttpRequest) -> None:
    asked = sent(passkeys.begin_account(visit, EMAIL, "Amara"))["creation_options"]["publicKey"]
    assert asked["rp"] == {"id": "annals.example", "name": "Annals"}
    assert (asked["user"]["name"], asked["user"]["displayName"]) == (EMAIL, "Amara")
    chosen = asked["authenticatorSelection"]
    assert (chosen["residentKey"], chosen["userVerification"]) == ("required", "required")


def test_beginning_alone_makes_no_account(visit: HttpRequest) -> None:
    passkeys.begin_account(visit, EMAIL)
    assert not User.objects.exists()


def test_beginning_again_asks_for_the_same_account_with_a_new_challenge(
    visit: HttpRequest, device: Device
) -> None:
    first = sent(passkeys.begin_account(visit, EMAIL))
    second = sent(passkeys.begin_account(visit, EMAIL))
    one, other = (o["creation_options"]["publicKey"] for o in (first, second))
    assert one["user"]["id"] == other["user"]["id"]
    with pytest.raises(ValidationError):
        passkeys.create_account(visit, EMAIL, "Amara", device.create(first))
    assert passkeys.create_account(visit, EMAIL, "Amara", device.create(second)).pk


def test_an_address_with_an_account_is_refused(visit: HttpRequest, device: Device) -> None:
    options = sent(passkeys.begin_account(visit, EMAIL))
    make_user(email=EMAIL, name="Amara")
    with pytest.raises(passkeys.AddressTaken):
        passkeys.begin_account(visit, EMAIL.upper())
    with pytest.raises(passkeys.AddressTaken):
        passkeys.create_account(visit, EMAIL, "Amara", device.create(options))
    assert not Authenticator.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_browsers_that_accept_at_once_make_one_account() -> None:
    outcomes = []
    barrier = threading.Barrier(2)

    def accept() -> None:
        request = RequestFactory().get("/", secure=True, headers={"host": "annals.example"})
        request.session = SessionStore()
        try:
            with context.request_context(request):
                answer = Device().create(sent(passkeys.begin_account(request, EMAIL)))
                barrier.wait(timeout=30)
                passkeys.create_account(request, EMAIL, "Amara", answer)
            outcomes.append("made")
        except passkeys.AddressTaken:
            outcomes.append("taken")
        finally:
            connection.close()

    threads = [threading.Thread(target=accept) for _browser in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["made", "taken"]
    assert Authenticator.objects.get().user == User.objects.get()
