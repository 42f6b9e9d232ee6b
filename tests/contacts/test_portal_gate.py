"""A portal user sees the portal and nothing else, whatever address is tried."""

import itertools
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from contacts.models import Attachment, Contact, ImportRun
from tests.addresses import Address, addresses
from tests.builders import make_comment, make_contact, make_user
from tests.contacts.portal_people import (
    PASSWORD,
    answer,
    attach,
    give_portal,
    make_amara,
    make_portal,
    write,
)
from tests.test_house_rules import PUBLIC

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
SECRET = "Between us: the margin is forty percent"
TAKEN_BACK = "On second thoughts, a higher price"
OTHERS = "Only for Henrik to read"
# What those may open who have a portal only: what anybody may, and parts of any account.
OPEN = PUBLIC | {
    "account_change_password", "account_reauthenticate", "account_set_password",
    "mfa_activate_totp", "mfa_add_webauthn", "mfa_deactivate_totp", "mfa_download_recovery_codes",
    "mfa_edit_webauthn", "mfa_generate_recovery_codes", "mfa_index", "mfa_reauthenticate",
    "mfa_reauthenticate_webauthn", "mfa_remove_webauthn", "mfa_view_recovery_codes",
    "second_factor_required", "session_end", "sessions_end", "sign_in_anew", "unsent",
}  # fmt: skip
# Pages of the portal that name no contact.
OF_NO_CONTACT = {"/portal/", "/portal/help/", "/portal/preferences/"}


@pytest.fixture
def amara() -> Contact:
    contact = make_amara(notes=SECRET, tags=["VIP"])
    make_comment(contact, body=SECRET)
    attach(write(contact))
    write(contact, TAKEN_BACK, "cancelled")
    answer(contact)
    return contact


@pytest.fixture
def henrik() -> Contact:
    contact = make_contact(given_name="Henrik", emails=["henrik@calder.example"])
    make_comment(contact, body=SECRET)
    attach(write(contact, OTHERS))
    make_portal(contact, "Henrik", "henrik@calder.example")
    return contact


@pytest.fixture
def user(client: Client, amara: Contact) -> User:
    user = make_portal(amara)
    client.force_login(user)
    return user


def filled(address: Address, keys: list[str]) -> list[str]:
    """Return the address's path with each combination of the keys in its parameters."""

    def path(values: Iterator[str]) -> str:
        return address.filled(lambda _before, kind, _name: 1 if kind == "int" else next(values))

    combinations = itertools.product(keys, repeat=address.route.count("<"))
    return sorted({path(iter(each)) for each in combinations})


def keys_for(route: str, contacts: list[str], things: list[Any]) -> list[str]:
    """Return ids to try in a route: both contacts', or those of what the route is about."""
    noun = route.split("/")[1]
    own = [str(each.pk) for each in things if each._meta.model_name.startswith(noun.rstrip("s"))]
    return contacts[:1] if noun == "admin" else own or contacts


def test_every_address_but_the_portals_own_is_closed(
    client: Client, user: User, amara: Contact, henrik: Contact
) -> None:
    client.raise_request_exception = False
    run = ImportRun.receive(ContentFile(b"name\nAmara\n", name="x.csv"), make_user(name="Ada"))
    keys = [str(each.pk) for each in (henrik, amara)]
    things = [
        *(amara.comments.get(), amara.messages.first(), amara.attachments.get(), run),
        *(henrik.comments.get(), henrik.messages.get(), henrik.invitations.get()),
    ]
    seen, wrong = set(), []
    for address in addresses():
        name = address.name
        if name in OPEN or name.startswith("portal"):
            continue
        for path in filled(address, keys_for(address.route, keys, things)):
            for method, headers in itertools.product(("get", "post"), ({}, HTMX)):
                reply = getattr(client, method)(path, headers=headers)
                leads_on = reply.status_code == 302 and reply.url.startswith("/portal/")
                if not (reply.status_code in {403, 404} or (leads_on and method == "get")):
                    wrong.append(f"{method} {path} ({name}): {reply.status_code}")
                text = reply.content.decode(errors="replace")
                wrong += [f"{path} says {secret}" for secret in (SECRET, OTHERS) if secret in text]
                if not headers and reply.status_code in {403, 404} and "/admin/jsi18n" not in path:
                    wrong += [f"{path} has the team's menu"] * ('class="side"' in text)
            seen.add(name)
    assert not wrong
    assert {"contacts", "contact", "comment_versions", "admin:index", "home"} <= seen


@pytest.mark.parametrize("name", ["portal_earlier", "portal_latest", "portal_details"])
def test_another_contacts_portal_is_closed(
    client: Client, user: User, henrik: Contact, name: str
) -> None:
    assert client.get(reverse(name, args=[henrik.pk])).status_code == 404


def test_nothing_in_the_portal_is_of_another_contact_or_of_the_team(
    client: Client, user: User, amara: Contact, henrik: Contact
) -> None:
    client.raise_request_exception = False
    things = [amara, henrik, amara.messages.first(), *Attachment.objects.all()]
    keys = [str(each.pk) for each in things]
    for address in addresses():
        if not address.name.startswith("portal") or address.name == "portal_leave":
            continue
        for path in filled(address, keys):
            for method in ("get", "post"):
                query = "?before=" + str(henrik.messages.get().pk) if method == "get" else ""
                reply = getattr(client, method)(path + query)
                if str(amara.pk) not in path and path not in OF_NO_CONTACT:
                    assert reply.status_code in {404, 405}, path
                assert reply.status_code < 500, path
                if reply.streaming:
                    continue
                text = re.sub(r"\w{64}", "", reply.content.decode())  # without tokens
                for secret in (SECRET, OTHERS, TAKEN_BACK, "VIP"):
                    assert secret not in text, path


def test_a_post_to_another_contacts_portal_changes_nothing(
    client: Client, user: User, henrik: Contact
) -> None:
    before = henrik.version
    for name in ("portal_reply", "portal_details", "portal_mail", "portal_leave"):
        typed = {"id": henrik.pk, "body": "Hello", "wanted": "no", "given_name": "X", "version": 1}
        assert client.post(reverse(name, args=[henrik.pk]), typed).status_code == 404
    henrik.refresh_from_db()
    assert henrik.version == before
    assert henrik.messages.count() == 1


@pytest.mark.parametrize("path", ["/nowhere", "/contacts/nowhere/at/all", "/admin"])
def test_an_address_that_leads_nowhere_says_so_in_the_portals_frame(
    client: Client, user: User, path: str
) -> None:
    page = client.get(path, follow=True)
    assert page.status_code == 404
    assert 'class="portal-head"' in page.content.decode()
    assert "Contacts" not in page.content.decode()


def test_the_first_page_leads_to_the_portal(client: Client, user: User) -> None:
    assert client.get("/").url == "/portal/"
    assert client.get("/preferences/").url == "/portal/preferences/"


def test_signing_in_leads_to_the_portal(client: Client, amara: Contact) -> None:
    user = make_portal(amara)
    typed = {"login": user.email, "password": PASSWORD}
    page = client.post("/accounts/login/", typed, follow=True)
    assert page.redirect_chain[-1][0] == "/portal/"
    assert "Here is the plan." in page.content.decode()


@pytest.mark.parametrize("path", ["/accounts/password/change/", "/portal/preferences/"])
def test_pages_of_the_account_are_in_the_portals_frame(
    client: Client, user: User, path: str
) -> None:
    page = client.get(path).content.decode()
    assert 'class="portal-head"' in page
    assert 'class="side"' not in page


def test_somebody_without_role_and_portal_is_told_whom_to_ask(client: Client) -> None:
    client.force_login(User.objects.create_user("new@annals.example", name="New"))
    for path in ("/contacts/", "/portal/"):
        page = client.get(path)
        assert page.status_code == 403
        assert "Your account has no role yet" in page.content.decode()


def test_whose_portal_was_closed_is_told_so_and_nothing_of_the_team(
    client: Client, user: User, amara: Contact
) -> None:
    make_user(name="Ada")
    amara.invitations.get(account=user).end()
    for path in ("/", "/contacts/", "/portal/", amara.get_absolute_url()):
        page = client.get(path, follow=True)
        assert page.status_code == 403
        assert "Your access has ended" in page.content.decode()
        assert "ada@" not in page.content.decode()
    for path in (reverse("portal_conversation", args=[amara.pk]), "/portal/preferences/"):
        assert client.get(path).status_code == 404


def test_an_invitation_to_the_team_gives_no_portal(client: Client, amara: Contact) -> None:
    user = User.objects.create_user("amara@calder.example", name="Amara")
    give_portal(amara, user, role="team")
    client.force_login(user)
    assert client.get(reverse("portal_conversation", args=[amara.pk])).status_code == 404


def test_the_team_pays_no_query_for_the_gate(client: Client, settings) -> None:
    client.force_login(make_user(name="Mia"))
    with CaptureQueriesContext(connection) as with_gate:
        client.get("/contacts/")
    settings.MIDDLEWARE = [each for each in settings.MIDDLEWARE if "PortalGate" not in each]
    without = Client()
    without.force_login(User.objects.get(name="Mia"))
    with CaptureQueriesContext(connection) as without_gate:
        without.get("/contacts/")
    assert len(with_gate) == len(without_gate)


def test_somebody_of_the_team_may_have_a_portal_as_well(client: Client, amara: Contact) -> None:
    mia = User.objects.get(name="Mia")
    give_portal(amara, mia)
    client.force_login(mia)
    assert client.get("/contacts/").status_code == 200
    assert client.get("/portal/").status_code == 200
