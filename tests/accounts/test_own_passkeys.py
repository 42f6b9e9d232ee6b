"""The passkeys in the preferences: adding, renaming, removing them, and proving who does it."""

import json
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.http import HttpRequest
from django.test import Client
from django.utils.html import strip_tags

from accounts import passkeys
from accounts.models import User
from tests.authenticator import Device
from tests.builders import make_user
from tests.lapsed import lapse

pytestmark = pytest.mark.django_db
PASSWORD = "a riverbed in June"
ADD = "/preferences/passkeys/add/"
TO_CONFIRM = "/accounts/confirm/?next=%2Fpreferences%2Fpasskeys%2F"


@pytest.fixture
def mia() -> User:
    return make_user(name="Mia", password=PASSWORD)


@pytest.fixture
def client(passkey_site: dict[str, str], mia: User) -> Client:
    """Mia's browser, some time after the sign-in."""
    client = Client(**passkey_site)
    client.force_login(mia)
    lapse(client)
    return client


@pytest.fixture
def passkey(
    passkey_site: dict[str, str], visit: HttpRequest, mia: User, device: Device
) -> Authenticator:
    """Mia's first passkey."""
    options = json.loads(json.dumps(passkeys.begin(visit, mia)))
    return passkeys.add(visit, mia, device.create(options))


def confirm(client: Client, next_page: str) -> Any:
    return client.post("/accounts/confirm/", {"password": PASSWORD, "next": next_page})


def options_in(answer: Any) -> dict[str, Any]:
    """Return the options that stand in a page for its button."""
    text = answer.content.decode()
    start = text.index(">", text.index('id="passkey-options"')) + 1
    return json.loads(text[start : text.index("</script>", start)])


def test_mia_adds_a_passkey_and_finds_it_in_the_list(
    client: Client, mia: User, device: Device
) -> None:
    assert client.get(ADD).url == f"{TO_CONFIRM}add%2F"
    assert confirm(client, ADD).url == ADD
    options = options_in(client.get(ADD))
    answer = client.post(ADD, {"credential": device.create(options)}, follow=True)
    page = answer.content.decode()
    assert "Passkey added" in page
    assert "Not used yet." in page
    assert str(passkeys.of(mia).get()) == "Passkey"


def test_a_wrong_password_confirms_nothing(client: Client) -> None:
    answer = client.post("/accounts/confirm/", {"password": "wrong", "next": ADD})
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.content.decode()
    assert client.get(ADD).status_code == 302


def test_a_second_passkey_gets_a_name_of_its_own(
    client: Client, mia: User, passkey: Authenticator
) -> None:
    confirm(client, ADD)
    client.post(ADD, {"credential": Device().create(options_in(client.get(ADD)))})
    assert [str(each) for each in passkeys.of(mia)] == ["Passkey", "Passkey 2"]


def test_a_device_that_holds_a_passkey_already_is_told_so(
    client: Client, passkey: Authenticator, device: Device
) -> None:
    confirm(client, ADD)
    excluded = options_in(client.get(ADD))["creation_options"]["publicKey"]["excludeCredentials"]
    assert len(excluded) == 1


@pytest.mark.parametrize("answer", ["", "null", "{}", "nonsense"])
def test_an_answer_without_a_passkey_is_refused_with_a_new_challenge(
    client: Client, mia: User, answer: str
) -> None:
    confirm(client, ADD)
    before = options_in(client.get(ADD))
    refused = client.post(ADD, {"credential": answer})
    assert refused.status_code == 422
    assert "No passkey was added" in refused.content.decode()
    assert options_in(refused) != before
    assert not passkeys.of(mia)


def test_an_answer_meant_for_somebody_else_is_refused(
    client: Client, mia: User, device: Device
) -> None:
    confirm(client, ADD)
    answer = device.create(options_in(client.get(ADD)))
    session = client.session
    session[passkeys.PENDING] = {"id": str(make_user(name="Ben").pk), "email": ""}
    session.save()
    assert client.post(ADD, {"credential": answer}).status_code == 422
    assert not Authenticator.objects.exists()


def test_mia_renames_a_passkey(client: Client, passkey: Authenticator) -> None:
    address = f"/preferences/passkeys/{passkey.pk}/rename/"
    assert client.get(address).status_code == 302
    confirm(client, address)
    assert 'value="Passkey"' in client.get(address).content.decode()
    page = client.post(address, {"name": "Work <laptop>"}, follow=True).content.decode()
    assert "Passkey renamed" in page
    assert "Work &lt;laptop&gt;" in page
    answer = client.post(address, {"name": "x" * 61})
    assert answer.status_code == 422
    assert "x" * 61 in answer.content.decode()


def test_mia_removes_a_passkey_and_reads_what_that_means(
    client: Client, mia: User, passkey: Authenticator
) -> None:
    address = f"/preferences/passkeys/{passkey.pk}/remove/"
    confirm(client, address)
    assert "You can still sign in with your password." in client.get(address).content.decode()
    assert passkeys.of(mia)
    page = client.post(address, follow=True).content.decode()
    assert "Passkey removed" in page
    assert not passkeys.of(mia)


def test_the_last_way_in_is_named_before_it_goes(
    client: Client, mia: User, passkey: Authenticator, device: Device
) -> None:
    mia.set_unusable_password()
    mia.save()
    client.force_login(mia)
    lapse(client)
    address = f"/preferences/passkeys/{passkey.pk}/remove/"
    asked = client.get(address)
    assert asked.url.startswith("/accounts/confirm/passkey/?next=")
    page = client.get(asked.url)
    assert "Set a password by mail" in page.content.decode()
    answer = {"credential": device.get(options_in(page)), "next": address}
    assert client.post("/accounts/confirm/passkey/", answer).url == address
    text = client.get(address).content.decode()
    assert "This is the only way into your account" in text


@pytest.mark.parametrize("answer", ["", "null", "{}", '{"rawId": "AA", "response": 1}'])
def test_nonsense_confirms_nothing(client: Client, passkey: Authenticator, answer: str) -> None:
    client.get("/accounts/confirm/passkey/")
    refused = client.post("/accounts/confirm/passkey/", {"credential": answer, "next": ADD})
    assert refused.status_code == 422
    assert 'role="alert"' in refused.content.decode()
    assert client.get(ADD).status_code == 302


@pytest.mark.parametrize("action", ["rename", "remove"])
def test_nobody_reaches_the_passkey_of_somebody_else(
    client: Client, passkey: Authenticator, action: str
) -> None:
    client.force_login(make_user(name="Ben"))
    address = f"/preferences/passkeys/{passkey.pk}/{action}/"
    assert client.get(address).status_code == 404
    assert client.post(address, {"name": "Mine"}).status_code == 404
    passkey.refresh_from_db()
    assert str(passkey) == "Passkey"


def test_an_account_that_is_closed_keeps_no_passkey(mia: User, passkey: Authenticator) -> None:
    mia.close()
    assert not Authenticator.objects.exists()


def test_where_passkeys_do_not_work_the_preferences_say_nothing_of_them(
    mia: User, settings: Any
) -> None:
    settings.SITE_URL = "http://127.0.0.1:8000"
    client = Client()
    client.force_login(mia)
    page = client.get("/preferences/").content.decode()
    text = strip_tags(page[page.index("<main") : page.index("</main>")])
    assert "passkey" not in text.lower()
