"""Answers of a device that are not ours, or nobody's, make no account."""

import json
from hashlib import sha256

import pytest
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.test import Client
from fido2.utils import websafe_encode
from fido2.webauthn import AttestationObject, AuthenticatorData

from accounts import passkeys
from accounts.models import User
from tests.accounts.passkeys.ceremonies import EMAIL, options_to_sign_in, sent, sign_in
from tests.authenticator import Device

pytestmark = pytest.mark.django_db


def test_an_answer_for_another_address_is_refused(visit: HttpRequest, device: Device) -> None:
    options = sent(passkeys.begin_account(visit, EMAIL))
    with pytest.raises(ValidationError):
        passkeys.create_account(visit, "mallory@x.example", "M", device.create(options))
    assert not User.objects.exists()


def test_an_answer_counts_once(visit: HttpRequest, device: Device) -> None:
    answer = device.create(sent(passkeys.begin_account(visit, EMAIL)))
    passkeys.create_account(visit, EMAIL, "Amara", answer)
    User.objects.filter(email=EMAIL).update(email="else@calder.example")
    with pytest.raises(ValidationError):
        passkeys.create_account(visit, EMAIL, "Amara", answer)


@pytest.mark.parametrize(
    "changed",
    [
        {"origin": "https://evil.example"},
        {"origin": "http://annals.example"},
        {"challenge": "AAAAAAAAAAAAAAAAAAAAAA"},
        {"type": "webauthn.get"},
    ],
    ids=["another site", "no https", "another challenge", "a sign-in"],
)
def test_an_answer_that_is_not_ours_makes_no_account(
    visit: HttpRequest, device: Device, changed: dict[str, str]
) -> None:
    options = sent(passkeys.begin_account(visit, EMAIL))
    with pytest.raises(ValidationError):
        passkeys.create_account(visit, EMAIL, "Amara", device.create(options, **changed))
    assert not User.objects.exists()


def test_a_device_that_asked_nobody_makes_no_account(visit: HttpRequest) -> None:
    options = sent(passkeys.begin_account(visit, EMAIL))
    with pytest.raises(ValidationError):
        passkeys.create_account(visit, EMAIL, "A", Device(verifies=False).create(options))
    assert not User.objects.exists()


def test_an_answer_that_holds_no_key_makes_no_account(visit: HttpRequest, device: Device) -> None:
    answer = json.loads(device.create(sent(passkeys.begin_account(visit, EMAIL))))
    site = sha256(b"annals.example").digest()
    keyless = AuthenticatorData.create(site, device.flags, 0)
    empty = AttestationObject.create("none", keyless, {})
    answer["response"]["attestationObject"] = websafe_encode(empty)
    with pytest.raises(ValidationError):
        passkeys.create_account(visit, EMAIL, "Amara", json.dumps(answer))
    assert not User.objects.exists()


NONSENSE = [
    "",
    "{",
    "null",
    "[]",
    "7",
    '"text"',
    "{}",
    '{"id": "AA"}',
    '{"id": "AA", "rawId": "AA", "response": null}',
    '{"id": "AA", "rawId": "AA", "response": []}',
    '{"rawId": 5, "response": {"clientDataJSON": 1, "attestationObject": 2}}',
    '{"rawId": "AA", "response": {"clientDataJSON": "e30", "attestationObject": "n5-f"}}',
    '{"rawId": "AA", "response": {"clientDataJSON": "W10", "attestationObject": "oA"}}',
    '{"rawId": "é", "response": {"userHandle": 7}}',
    '{"rawId": "AA", "response": {"clientDataJSON": "e30", "authenticatorData": "AA",'
    ' "signature": "AA", "userHandle": "AA"}}',
]


@pytest.mark.parametrize("answer", NONSENSE)
def test_nonsense_is_refused_and_never_fails(
    visit: HttpRequest, client: Client, answer: str
) -> None:
    passkeys.begin_account(visit, EMAIL)
    with pytest.raises(ValidationError):
        passkeys.create_account(visit, EMAIL, "Amara", answer)
    options_to_sign_in(client)
    assert sign_in(client, answer).status_code == 422


def test_without_a_beginning_there_is_no_end(visit: HttpRequest, device: Device) -> None:
    options = sent(passkeys.begin_account(visit, EMAIL))
    visit.session.flush()
    with pytest.raises(ValidationError):
        passkeys.create_account(visit, EMAIL, "Amara", device.create(options))
