"""How safely users sign in, and from where, in Django admin; what can be done about it."""

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.models import User
from accounts.sessions import Session
from activity.models import ActivityEvent
from tests.builders import make_contact, make_user
from tests.contacts.invitations import make_invitation
from tests.contacts.portal_people import make_amara, make_portal
from tests.lapsed import lapse

pytestmark = pytest.mark.django_db
USERS = "/admin/accounts/user/"
PASSWORD = "a riverbed in June"


@pytest.fixture
def ada(client: Client) -> User:
    ada = make_user(name="Ada", password=PASSWORD)
    client.force_login(ada)
    return ada


@pytest.fixture
def mia() -> User:
    return make_user(name="Mia", password=PASSWORD)


def act(client: Client, action: str, *users: User) -> str:
    form = {"action": action, "_selected_action": [user.pk for user in users]}
    return client.post(USERS, form, follow=True).content.decode()


def sign_in(user: User) -> Client:
    browser = Client(headers={"User-Agent": "Mozilla/5.0 (X11; Linux) Firefox/140.0"})
    browser.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    return browser


def give(user: User, *types: str) -> None:
    for type in types:
        Authenticator.objects.create(user=user, type=type, data={"name": "Laptop", "used_mask": 0})


def rows(client: Client, query: str = "") -> str:
    page = client.get(USERS + query).content.decode()
    return page[page.index('id="result_list"') :] if 'id="result_list"' in page else ""


def events(verb: str) -> list[ActivityEvent]:
    return list(ActivityEvent.objects.filter(verb=verb))


def test_the_list_says_what_each_proves_and_where_each_is_signed_in(
    client: Client, ada: User, mia: User
) -> None:
    sign_in(mia)
    sign_in(mia)
    give(mia, "totp", "webauthn", "recovery_codes")
    listed = rows(client, "?q=mia")
    assert "Authenticator app, Passkey, Recovery codes" in listed
    assert "2 devices" in listed


def test_who_lacks_what_the_role_asks_for_is_seen(
    client: Client, ada: User, mia: User, settings: Any
) -> None:
    settings.MFA_REQUIRED_ROLES = ["member"]
    assert "None, but required" in rows(client, "?q=mia")
    give(mia, "totp")
    assert "None, but required" not in rows(client, "?q=mia")


@pytest.mark.parametrize(
    ("query", "seen"),
    [
        ("?role=member", {"Mia"}),
        ("?role=none", {"Nora"}),
        ("?factor=totp", {"Ada"}),
        ("?factor=webauthn", set()),
        ("?factor=none", {"Mia", "Nora"}),
        ("?signed_in=lately", {"Ada"}),
        ("?signed_in=before", {"Mia"}),
        ("?signed_in=none", {"Nora"}),
        ("?role=nonsense&factor=nonsense&signed_in=nonsense", {"Ada", "Mia", "Nora"}),
    ],
)
def test_the_list_can_be_narrowed(
    client: Client, ada: User, mia: User, query: str, seen: set[str]
) -> None:
    User.objects.create_user("nora@annals.example", name="Nora")
    give(ada, "totp")
    give(mia, "recovery_codes")
    User.objects.filter(pk=mia.pk).update(last_login=timezone.now() - timezone.timedelta(days=60))
    listed = rows(client, query)
    assert {name for name in ("Ada", "Mia", "Nora") if f">{name}</a>" in listed} == seen


def test_many_users_with_all_of_it_cost_no_more_queries_than_two(
    client: Client, ada: User, mia: User, django_assert_num_queries: Any
) -> None:
    sign_in(mia)
    give(mia, "totp")
    with django_assert_num_queries(8):
        client.get(USERS)
    for number in range(6):
        user = make_user("viewer", f"Viewer{number}", password=PASSWORD)
        sign_in(user)
        give(user, "totp", "webauthn")
    with django_assert_num_queries(8):
        client.get(USERS)


def test_the_page_of_one_user_shows_all_that_lets_in(client: Client, ada: User, mia: User) -> None:
    sign_in(mia)
    give(mia, "webauthn")
    make_invitation(make_contact(), inviter=mia)
    page = client.get(f"{USERS}{mia.pk}/change/").content.decode()
    assert "Passkey: Laptop, since" in page
    assert "Firefox on Linux" in page
    assert "Invitations sent" in page
    assert "Amara Okonkwo" in page
    assert Session.objects.get(user=mia).pk not in page


def test_the_page_of_a_portal_account_shows_whose_portal_it_is(client: Client, ada: User) -> None:
    amara = make_amara()
    account = make_portal(amara)
    page = client.get(f"{USERS}{account.pk}/change/").content.decode()
    assert f'<a href="{amara.get_absolute_url()}">Amara Okonkwo</a>' in page


def test_ada_signs_mia_out_on_one_device(client: Client, ada: User, mia: User) -> None:
    lost, kept = sign_in(mia), sign_in(mia)
    form = {
        "email": mia.email, "name": "Mia", "role": "member", "is_active": "on",
        "time_zone": "UTC", "language": "en",
        "end_session": Session.objects.get(pk=lost.session.session_key).handle,
    }  # fmt: skip
    assert client.post(f"{USERS}{mia.pk}/change/", form).status_code == 302
    assert lost.get("/preferences/").status_code == 302
    assert kept.get("/preferences/").status_code == 200
    [event] = events("user.sessions_ended")
    assert (event.actor_id, event.object_id) == (ada.pk, mia.pk)


def test_ada_signs_all_out_and_stays(client: Client, ada: User, mia: User) -> None:
    desk = sign_in(mia)
    sign_in(ada)
    assert "Signed out on 2 devices." in act(client, "sign_out", ada, mia)
    assert desk.get("/preferences/").status_code == 302
    assert {event.object_id for event in events("user.sessions_ended")} == {ada.pk, mia.pk}


def test_ada_takes_away_what_mia_has_lost_but_not_her_own(
    client: Client, ada: User, mia: User
) -> None:
    give(mia, "totp", "recovery_codes")
    give(ada, "totp")
    page = act(client, "take_away_factors", ada, mia)
    assert "1 user has no second factor any more." in page
    assert "in your preferences" in page
    assert [factor.user for factor in Authenticator.objects.all()] == [ada]
    assert [event.object_id for event in events("user.second_factors_removed")] == [mia.pk]


def test_a_link_that_ada_sends_is_in_the_log(client: Client, ada: User, mia: User) -> None:
    act(client, "send_reset_link", mia)
    assert len(mail.outbox) == 1
    [event] = events("user.link_sent")
    assert (event.actor_id, event.object_id) == (ada.pk, mia.pk)


def test_who_is_switched_off_is_signed_out_at_once(client: Client, ada: User, mia: User) -> None:
    sign_in(mia)
    act(client, "deactivate", mia)
    assert not Session.objects.filter(user=mia).exists()


@pytest.mark.parametrize(
    "action", ["activate", "deactivate", "send_reset_link", "sign_out", "take_away_factors"]
)
def test_every_action_asks_who_is_there(client: Client, ada: User, mia: User, action: str) -> None:
    lapse(client)
    assert "Confirm that it is you" in act(client, action, mia)
    assert not mail.outbox
    assert User.objects.get(pk=mia.pk).is_active


@pytest.mark.parametrize("path", ["add/", "{pk}/change/"])
def test_saving_a_user_asks_who_is_there_and_says_so_before(
    client: Client, ada: User, mia: User, path: str
) -> None:
    lapse(client)
    address = USERS + path.format(pk=mia.pk)
    assert "Saving will ask you to confirm" in client.get(address).content.decode()
    asked = client.post(address, {"name": "Somebody"})
    assert asked.url.startswith("/accounts/confirm/")
    typed = {"password": PASSWORD, "next": asked.url.partition("next=")[2]}
    client.post("/accounts/confirm/", typed)
    assert "Saving will ask" not in client.get(address).content.decode()
    assert client.get(USERS).status_code == 200
