"""Passwords are stored with Argon2, older ones from the next sign-in on; none is huge."""

import time
from typing import Any

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher, make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client
from environ import Env

from accounts.models import User
from accounts.passwords import LONGEST
from config.sign_in import sign_in_settings
from tests.builders import make_contact, make_user
from tests.contacts.invitations import mailed_path, make_invitation
from tests.lapsed import lapse

pytestmark = pytest.mark.django_db
PASSWORD = "a riverbed in June"
HUGE = "a" * 1_000_000
SAID = "A password has at most 1,000 characters."


@pytest.fixture
def hashers(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Store passwords as a deployment does; tests are quicker otherwise."""
    monkeypatch.setattr(PBKDF2PasswordHasher, "iterations", 2)
    settings.PASSWORD_HASHERS = sign_in_settings(Env())["PASSWORD_HASHERS"]


@pytest.fixture
def from_before(hashers: None) -> User:
    """Mia, whose password is stored as it was before there was Argon2."""
    mia = make_user(name="Mia")
    mia.password = make_password(PASSWORD, hasher="pbkdf2_sha256")
    mia.save()
    return mia


def sign_in(client: Client, user: User, password: str = PASSWORD) -> Any:
    return client.post("/accounts/login/", {"login": user.email, "password": password})


def stored(user: User) -> str:
    return User.objects.get(pk=user.pk).password


def test_a_new_password_is_stored_with_argon2_as_owasp_asks(hashers: None) -> None:
    _empty, kind, _version, cost, _salt, _hash = stored(make_user(password=PASSWORD))[6:].split("$")
    parameters = dict(part.split("=") for part in cost.split(","))
    assert kind == "argon2id"
    assert int(parameters["m"]) >= 19 * 1024
    assert int(parameters["t"]) >= 2
    assert int(parameters["p"]) >= 1


def test_a_password_from_before_is_stored_anew_with_the_next_sign_in(from_before: User) -> None:
    client = Client()
    assert stored(from_before).startswith("pbkdf2_sha256$")
    assert sign_in(client, from_before).status_code == 302
    assert stored(from_before).startswith("argon2$argon2id$")
    assert client.get("/preferences/").status_code == 200
    assert sign_in(Client(), from_before).status_code == 302


def test_a_wrong_password_stores_nothing_anew(from_before: User) -> None:
    assert sign_in(Client(), from_before, "wrong").status_code == 422
    assert stored(from_before).startswith("pbkdf2_sha256$")


def test_a_password_stored_anew_by_a_confirmation_ends_no_session(from_before: User) -> None:
    client = Client()
    client.force_login(from_before)
    lapse(client)
    before = client.session.session_key
    form = {"password": PASSWORD, "next": "/preferences/passkeys/add/"}
    assert client.post("/accounts/confirm/", form).url == "/preferences/passkeys/add/"
    assert stored(from_before).startswith("argon2$")
    assert client.get("/preferences/").status_code == 200
    assert client.session.session_key != before


def test_signing_in_gives_the_session_a_new_key(client: Client) -> None:
    mia = make_user(name="Mia", password=PASSWORD)
    client.get("/accounts/passkey/", headers={"accept": "application/json"})  # a session of nobody
    before = client.session.session_key
    sign_in(client, mia)
    assert before
    assert client.session.session_key != before
    thief = Client()
    thief.cookies[next(iter(client.cookies))] = before
    assert thief.get("/preferences/").status_code == 302


def test_a_new_password_gives_the_session_a_new_key_and_ends_the_others(client: Client) -> None:
    mia, other = make_user(name="Mia", password=PASSWORD), Client()
    sign_in(client, mia)
    sign_in(other, mia)
    before = client.session.session_key
    new = {"password1": "another riverbed 26", "password2": "another riverbed 26"}
    client.post("/accounts/password/change/", {"oldpassword": PASSWORD, **new})
    assert client.get("/preferences/").status_code == 200
    assert client.session.session_key != before
    assert other.get("/preferences/").status_code == 302


def test_signing_in_with_a_huge_password_says_so_and_costs_next_to_nothing(
    client: Client, hashers: None
) -> None:
    mia = make_user(name="Mia", password=PASSWORD)
    began = time.thread_time()
    answer = sign_in(client, mia, HUGE)
    assert time.thread_time() - began < 0.5
    assert answer.status_code == 422
    assert SAID in answer.content.decode()
    assert len(answer.content) < 100_000


def test_confirming_with_a_huge_password_says_so(client: Client) -> None:
    client.force_login(make_user(name="Mia", password=PASSWORD))
    answer = client.post("/accounts/confirm/", {"password": HUGE})
    assert answer.status_code == 422
    assert SAID in answer.content.decode()


def test_a_huge_new_password_is_refused_wherever_one_is_set(client: Client) -> None:
    client.force_login(make_user(name="Mia", password=PASSWORD))
    typed = {"oldpassword": PASSWORD, "password1": HUGE, "password2": HUGE}
    answer = client.post("/accounts/password/change/", typed)
    assert answer.status_code == 422
    assert SAID in answer.content.decode()
    path = mailed_path(make_invitation(make_contact(emails=["amara@calder.example"])))
    form = {"answer": "accept", "name": "Amara", "password": HUGE}
    answer = Client().post(path, form)
    assert answer.status_code == 422
    assert SAID in answer.content.decode()
    with pytest.raises(ValidationError, match="at most 1,000"):
        validate_password("x1" * LONGEST)


def test_the_longest_password_works(client: Client, hashers: None) -> None:
    longest = "riverbed 6" * 100
    assert len(longest) == LONGEST
    validate_password(longest)
    assert sign_in(client, make_user(name="Mia", password=longest), longest).status_code == 302


def test_what_is_no_password_is_not_even_compared() -> None:
    mia = make_user(name="Mia", password=HUGE)
    assert not mia.check_password(HUGE)
