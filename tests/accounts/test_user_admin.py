"""Users and roles in Django admin."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.auth.models import Group
from django.core import mail
from django.db import connections, transaction
from django.test import Client

from accounts.models import User
from accounts.roles import Role
from tests.builders import make_user

pytestmark = pytest.mark.django_db
USERS = "/admin/accounts/user/"
FORM = {
    "email": "nora@annals.example", "name": "Nora", "role": "member", "is_active": "on",
    "time_zone": "UTC", "language": "en",
}  # fmt: skip


@pytest.fixture
def ada(client: Client) -> User:
    ada = make_user(name="Ada")
    client.force_login(ada)
    return ada


def act(client: Client, action: str, *users: User):
    form = {"action": action, "_selected_action": [user.pk for user in users]}
    return client.post(USERS, form, follow=True).content.decode()


@pytest.mark.parametrize("name", ["Max", "Mia", "Vic"])
@pytest.mark.parametrize("path", ["/admin/", USERS, "/admin/contacts/contact/"])
def test_only_administrators_see_the_administration(client: Client, name: str, path: str) -> None:
    client.force_login(make_user(name=name))
    assert client.get(path).status_code == 403


def test_the_list_names_each_users_role_in_a_constant_number_of_queries(
    client: Client, ada: User, django_assert_max_num_queries
) -> None:
    for number in range(20):
        make_user("viewer", f"Viewer{number}")
    make_user(name="Max")
    with django_assert_max_num_queries(14):
        page = client.get(USERS).content.decode()
    assert "Manager" in page


def test_ada_adds_a_user_who_sets_a_password_by_mail(client: Client, ada: User) -> None:
    assert client.post(f"{USERS}add/", FORM).status_code == 302
    nora = User.objects.get(email="nora@annals.example")
    assert nora.role is Role.MEMBER
    assert not nora.has_usable_password()
    assert "1 mail sent." in act(client, "send_reset_link", nora)
    assert mail.outbox[0].to == [nora.email]
    assert "/accounts/password/reset/key/" in mail.outbox[0].body


def test_ada_must_choose_a_role_for_a_new_user(client: Client, ada: User) -> None:
    page = client.post(f"{USERS}add/", FORM | {"role": ""}).content.decode()
    assert "This field is required." in page
    assert not User.objects.filter(email="nora@annals.example").exists()


def test_ada_gives_mia_another_role(client: Client, ada: User) -> None:
    mia = make_user(name="Mia")
    form = FORM | {"email": "MIA@annals.example", "name": "Mia", "role": "manager"}
    client.post(f"{USERS}{mia.pk}/change/", form)
    mia = User.objects.get(pk=mia.pk)
    assert mia.role is Role.MANAGER
    assert mia.email == "mia@annals.example"


def test_time_zone_and_language_are_chosen_once_and_then_the_users_own(
    client: Client, ada: User
) -> None:
    client.post(f"{USERS}add/", FORM | {"time_zone": "Europe/Berlin", "language": "de"})
    nora = User.objects.get(email="nora@annals.example")
    assert (nora.time_zone, nora.language) == ("Europe/Berlin", "de")
    path = f"{USERS}{nora.pk}/change/"
    assert "Europe/Berlin" in client.get(path).content.decode()
    client.post(path, FORM | {"time_zone": "UTC", "language": "en"})
    nora.refresh_from_db()
    assert (nora.time_zone, nora.language) == ("Europe/Berlin", "de")


def test_the_address_of_another_user_is_refused_in_words(client: Client, ada: User) -> None:
    mia = make_user(name="Mia")
    form = FORM | {"email": "Ada@annals.example"}
    page = client.post(f"{USERS}{mia.pk}/change/", form).content.decode()
    assert "Another user has this address." in page


def test_users_are_switched_off_and_on_again(client: Client, ada: User) -> None:
    mia = make_user(name="Mia")
    assert "1 user switched off." in act(client, "deactivate", mia)
    assert not User.objects.get(pk=mia.pk).is_active
    assert "0 mails sent." in act(client, "send_reset_link", mia)
    assert "1 user can sign in." in act(client, "activate", mia)
    assert User.objects.get(pk=mia.pk).is_active


@pytest.mark.parametrize("change", [{"role": "viewer"}, {"is_active": ""}])
def test_the_only_administrator_stays_one(client: Client, ada: User, change: dict) -> None:
    form = FORM | {"email": ada.email, "name": "Ada", "role": "administrator"} | change
    page = client.post(f"{USERS}{ada.pk}/change/", form).content.decode()
    assert "This is the only active administrator." in page
    assert User.objects.get(pk=ada.pk).role is Role.ADMINISTRATOR
    make_user("administrator", "Second")
    assert client.post(f"{USERS}{ada.pk}/change/", form).status_code == 302


def test_the_only_administrator_is_not_switched_off_with_others(client: Client, ada: User) -> None:
    mia = make_user(name="Mia")
    assert "This is the only active administrator." in act(client, "deactivate", ada, mia)
    assert User.objects.active().count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_administrators_cannot_switch_off_each_other_at_once() -> None:
    ada, bea = make_user(name="Ada"), make_user("administrator", "Bea")

    def switch_off(who: User, whom: User) -> str:
        client = Client()
        client.force_login(who)
        try:
            return act(client, "deactivate", whom)
        finally:
            connections.close_all()

    with ThreadPoolExecutor() as threads:
        with transaction.atomic():
            assert User.objects.can_spare([bea.pk])
            other = threads.submit(switch_off, bea, ada)
            with pytest.raises(TimeoutError):
                other.result(timeout=1)
            User.objects.filter(pk=bea.pk).update(is_active=False)
        other.result()
    assert User.objects.administrators().get() == ada


def test_nobody_is_deleted(client: Client, ada: User) -> None:
    mia = make_user(name="Mia")
    assert client.post(f"{USERS}{mia.pk}/delete/", {"post": "yes"}).status_code == 403
    act(client, "delete_selected", mia)
    assert User.objects.filter(pk=mia.pk).exists()
    assert "delete_selected" not in client.get(USERS).content.decode()


def test_roles_are_shown_and_not_changed(client: Client, ada: User) -> None:
    viewers = Group.objects.get(name="viewer")
    path = f"/admin/auth/group/{viewers.pk}/change/"
    assert "Can view contact" in client.get(path).content.decode()
    assert client.post(path, {"name": "owners"}).status_code == 403
    assert client.get("/admin/auth/group/add/").status_code == 403
