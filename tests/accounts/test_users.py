"""Users: their addresses, how they are made, and that they stay."""

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import IntegrityError
from django.db.models import ProtectedError
from django.test import Client

from accounts.demo import PASSWORD, create_demo_users
from accounts.models import User
from accounts.roles import Role
from tests.builders import make_user

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("typed", ["Mia@Annals.Example", " mia@annals.example "])
def test_an_address_is_kept_in_lower_case_whatever_the_path(typed: str) -> None:
    mia = User.objects.create_user(typed, name="Mia")
    assert mia.email == "mia@annals.example"
    assert User.objects.get_by_natural_key(typed) == mia
    unsaved = User(email=typed, name="Mia", password="!")
    unsaved.clean_fields()
    assert unsaved.email == "mia@annals.example"


def test_two_users_cannot_share_an_address() -> None:
    make_user(name="Mia")
    with pytest.raises(ValidationError, match="Another user has this address"):
        User(email="MIA@annals.example", name="Mia", password="x").full_clean()
    with pytest.raises(IntegrityError):
        User.objects.create_user("MIA@annals.example", name="Mia")


def test_the_database_refuses_an_address_in_upper_case() -> None:
    mia = make_user(name="Mia")
    with pytest.raises(IntegrityError, match="user_email_in_lower_case"):
        User.objects.filter(pk=mia.pk).update(email="MIA@annals.example")


def test_a_time_zone_must_exist() -> None:
    with pytest.raises(ValidationError, match="“Mars/Olympus” is not a known time zone"):
        User(email="mia@annals.example", name="Mia", time_zone="Mars/Olympus").clean_fields()


def test_users_are_never_deleted() -> None:
    mia = make_user(name="Mia")
    for delete in (mia.delete, User.objects.all().delete):
        with pytest.raises(ProtectedError, match="Users are deactivated, never deleted"):
            delete()
    assert User.objects.get() == mia


def test_a_superuser_made_on_the_command_line_is_an_administrator() -> None:
    call_command(
        "createsuperuser", "--noinput", email="Root@annals.example", name="Root", verbosity=0
    )
    root = User.objects.get()
    assert root.email == "root@annals.example"
    assert root.is_superuser
    assert root.role is Role.ADMINISTRATOR


def test_a_user_is_called_by_name_or_else_by_address() -> None:
    assert str(make_user(name="Mia")) == "Mia"
    nameless = User(email="nobody@annals.example")
    assert str(nameless) == nameless.get_short_name() == "nobody@annals.example"


def test_the_demo_has_a_user_of_each_role_who_can_sign_in(client: Client) -> None:
    users = create_demo_users()
    assert {(user.email, user.role) for user in users} == {
        ("ada@annals.example", Role.ADMINISTRATOR),
        ("max@annals.example", Role.MANAGER),
        ("mia@annals.example", Role.MEMBER),
        ("vic@annals.example", Role.VIEWER),
    }
    answer = client.post("/accounts/login/", {"login": users[0].email, "password": PASSWORD})
    assert answer.status_code == 302


def test_seeding_again_leaves_the_demo_users_as_they_are() -> None:
    ada = create_demo_users()[0]
    ada.name = "Ada L."
    ada.save()
    ada.assign_role(Role.VIEWER)
    assert create_demo_users()[0].name == "Ada L."
    assert User.objects.get(pk=ada.pk).role is Role.VIEWER
    assert User.objects.count() == 4
