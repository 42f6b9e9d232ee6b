"""Who signs in and out is an event, and so is who fails to; never what was typed."""

import json
from typing import Any
from unittest import mock

import pytest
from django.contrib.auth import authenticate
from django.core.cache import cache
from django.test import Client

from accounts.models import User
from activity.models import ActivityEvent, ActivityOrigin
from activity.receivers import sign_ins
from tests.accounts.conftest import device, passkey_site  # noqa: F401  fixtures
from tests.authenticator import Device
from tests.builders import make_contact, make_user
from tests.contacts.invitations import mailed_path, make_invitation

pytestmark = pytest.mark.django_db
PASSWORD = "a riverbed in June"
TYPED = "hunter2 is my password"


@pytest.fixture
def mia() -> User:
    return make_user(name="Mia", password=PASSWORD)


@pytest.fixture(autouse=True)
def same_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no hour end in the middle of a test."""
    monkeypatch.setattr(sign_ins, "_hour", lambda: 494_000)


def sign_in(client: Client, email: str, password: str = PASSWORD) -> Any:
    return client.post("/accounts/login/", {"login": email, "password": password})


def events(verb: str) -> list[ActivityEvent]:
    return list(ActivityEvent.objects.filter(verb=f"user.{verb}").order_by("pk"))


def test_mia_signs_in_with_her_password_and_out_again(client: Client, mia: User) -> None:
    sign_in(client, mia.email)
    [event] = events("signed_in")
    assert (event.actor_type, event.actor_id, event.object_id) == ("user", mia.pk, mia.pk)
    assert event.payload == {"actor": "Mia", "name": "Mia", "method": "password"}
    origin = ActivityOrigin.objects.get(pk=event.origin_id)
    assert (origin.route, origin.address) == ("account_login", "127.0.0.1")
    client.post("/accounts/logout/")
    [event] = events("signed_out")
    assert (event.actor_id, event.object_id) == (mia.pk, mia.pk)


def test_who_is_not_signed_in_signs_out_without_an_event(client: Client) -> None:
    client.post("/accounts/logout/")
    assert events("signed_out") == []


def test_signing_in_with_a_passkey_says_so(
    passkey_site: dict[str, str],  # noqa: F811
    device: Device,  # noqa: F811
    mia: User,
) -> None:
    client = Client(**passkey_site)
    sign_in(client, mia.email)
    client.post("/accounts/confirm/", {"password": PASSWORD})
    page = client.get("/preferences/passkeys/add/")
    options = json.loads(json.dumps(page.context["options"]))
    client.post("/preferences/passkeys/add/", {"credential": device.create(options)})
    assert [event.payload["passkey"] for event in events("passkey_added")] == ["Passkey"]
    client.post("/accounts/logout/")
    options = client.get("/accounts/passkey/", headers={"accept": "application/json"}).json()
    client.post("/accounts/passkey/", {"credential": device.get(options)})
    assert [event.payload["method"] for event in events("signed_in")] == ["password", "passkey"]


def test_a_passkey_that_does_not_work_is_a_failure_of_nobody_in_particular(
    passkey_site: dict[str, str],  # noqa: F811
) -> None:
    Client(**passkey_site).post("/accounts/passkey/", {"credential": '{"id": "x"}'})
    [event] = events("sign_in_failed")
    assert (event.object_id, event.payload["method"]) == (None, "passkey")


def test_accepting_an_invitation_signs_in(client: Client) -> None:
    path = mailed_path(make_invitation(make_contact(emails=["amara@calder.example"])))
    client.post(path, {"answer": "accept", "name": "Amara O.", "password": PASSWORD})
    created = events("created")[-1]
    [event] = events("signed_in")
    assert event.payload["method"] == "invitation"
    assert (event.object_id, event.payload["name"]) == (created.object_id, "Amara O.")


def test_a_wrong_password_names_the_user_and_not_what_was_typed(client: Client, mia: User) -> None:
    sign_in(client, mia.email.upper(), TYPED)
    [event] = events("sign_in_failed")
    assert (event.actor_type, event.object_id) == ("system", mia.pk)
    assert event.payload == {"actor": None, "name": "Mia", "method": "password", "tries": 1}
    assert ActivityOrigin.objects.get(pk=event.origin_id).address == "127.0.0.1"


def test_an_address_that_is_nobodys_is_not_kept(client: Client, mia: User) -> None:
    sign_in(client, "hunter2@my.password.example", TYPED)
    [event] = events("sign_in_failed")
    assert (event.object_id, event.payload["name"]) == (None, "")
    assert "hunter2" not in str(ActivityEvent.objects.values())
    assert "hunter2" not in str(ActivityOrigin.objects.values())


@pytest.mark.parametrize("typed", ["\x00", "mia@annals.example\x00", "", "x" * 9_000])
def test_what_no_address_can_be_is_only_a_failure(mia: User, typed: str) -> None:
    with mock.patch("allauth.account.auth_backends.AuthenticationBackend._authenticate") as asked:
        asked.return_value = None
        assert authenticate(None, email=typed, password=TYPED) is None
    [event] = events("sign_in_failed")
    assert event.object_id is None


def fail(times: int, email: str) -> None:
    for _ in range(times):
        sign_ins.fail_to_sign_in(None, {"email": email})


def test_a_flood_of_tries_leaves_a_trickle_of_events(mia: User) -> None:
    fail(1000, mia.email)
    powers = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512]
    assert [event.payload["tries"] for event in events("sign_in_failed")] == powers


def test_tries_at_addresses_that_are_nobodys_count_together(mia: User) -> None:
    for number in range(100):
        fail(1, f"{number}@nobody.example")
    assert [e.payload["tries"] for e in events("sign_in_failed")] == [1, 2, 4, 8, 16, 32, 64]
    fail(1, mia.email)
    assert events("sign_in_failed")[-1].object_id == mia.pk


def test_a_cache_that_loses_count_makes_no_event_twice(mia: User) -> None:
    fail(2, mia.email)
    cache.clear()
    fail(3, mia.email)
    assert [event.payload["tries"] for event in events("sign_in_failed")] == [1, 2]


def test_what_the_rate_limit_refuses_is_not_even_counted(client: Client, mia: User) -> None:
    for _ in range(20):
        sign_in(client, mia.email, TYPED)
    assert [event.payload["tries"] for event in events("sign_in_failed")] == [1, 2, 4]


def test_a_sign_in_that_cannot_be_recorded_does_not_happen(
    client: Client, mia: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.raise_request_exception = False

    def fails(drafts: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(sign_ins, "write", fails)
    assert sign_in(client, mia.email).status_code == 500
    assert client.get("/preferences/").status_code == 302
