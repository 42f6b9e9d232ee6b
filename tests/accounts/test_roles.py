"""Who may do what: the table of the contract, asked of the database."""

import pytest
from django.apps.registry import Apps
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.test import Client

from accounts import roles
from accounts.models import User
from accounts.roles import PERMISSIONS, Role
from tests.builders import make_user

pytestmark = pytest.mark.django_db
MATRIX = [
    # permission, then who has it: viewer, member, manager, administrator
    ("contacts.view_contact", True, True, True, True),
    ("contacts.add_contact", False, True, True, True),
    ("contacts.change_contact", False, True, True, True),
    ("contacts.archive_contact", False, True, True, True),
    ("contacts.add_comment", False, True, True, True),
    ("contacts.change_comment", False, True, True, True),
    ("contacts.import_contacts", False, False, True, True),
    ("contacts.export_contacts", False, False, True, True),
    ("contacts.delete_contact", False, False, True, True),
    ("contacts.moderate_comment", False, False, True, True),
    ("contacts.view_historicalcontact", False, False, False, True),
    ("contacts.add_tag", False, False, False, True),
    ("accounts.change_user", False, False, False, True),
    ("accounts.access_admin", False, False, False, True),
    ("activity.view_activityevent", False, False, False, True),
    ("auth.view_group", False, False, False, True),
    ("auth.change_group", False, False, False, False),
    ("auth.change_permission", False, False, False, False),
]


@pytest.mark.parametrize(("permission", "viewer", "member", "manager", "administrator"), MATRIX)
def test_each_role_may_do_what_the_contract_says(
    permission: str, viewer: bool, member: bool, manager: bool, administrator: bool
) -> None:
    expected = dict(zip(Role, (viewer, member, manager, administrator), strict=True))
    has = {role: make_user(role, role).has_perm(permission) for role in Role}
    assert has == expected


@pytest.mark.parametrize("role", Role)
def test_a_user_has_the_role_that_was_given_last(role: Role) -> None:
    user = make_user("viewer")
    user.assign_role(role)
    user = User.objects.get(pk=user.pk)
    assert user.role is role
    assert [group.name for group in user.groups.all()] == [role]


def test_a_role_that_does_not_exist_cannot_be_given() -> None:
    user = make_user("viewer")
    with pytest.raises(ValueError, match="owner"):
        user.assign_role("owner")
    assert user.role is Role.VIEWER


def test_only_administrators_enter_the_administration() -> None:
    assert {role for role in Role if make_user(role, role).is_staff} == {Role.ADMINISTRATOR}
    retired = make_user("administrator", "Retired", is_active=False)
    assert not retired.is_staff


def test_migrating_again_repairs_a_group_that_was_tampered_with() -> None:
    viewers = Group.objects.get(name=Role.VIEWER)
    viewers.permissions.set(Permission.objects.filter(codename="delete_contact"))
    call_command("migrate", verbosity=0)
    assert [p.codename for p in viewers.permissions.all()] == ["view_contact"]


def test_the_order_in_which_apps_are_migrated_does_not_matter() -> None:
    Group.objects.all().delete()
    Permission.objects.all().delete()
    roles.grant_permissions()
    assert make_user("manager").has_perm("contacts.delete_contact")


def test_nothing_is_granted_before_there_are_users() -> None:
    Group.objects.all().delete()
    without_users = Apps([])
    roles.grant_permissions(apps=without_users)
    assert not Group.objects.exists()


def test_a_permission_that_no_model_has_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PERMISSIONS, Role.VIEWER, ("contacts.fly_contact",))
    with pytest.raises(LookupError, match="fly_contact"):
        roles.grant_permissions()


def test_a_user_without_a_role_reads_whom_to_ask(client: Client) -> None:
    make_user(name="Ada")
    make_user("administrator", "Retired", is_active=False)
    nora = User.objects.create_user("nora@annals.example", name="Nora")
    assert nora.role is None
    client.force_login(nora)
    answer = client.get("/contacts/")
    assert answer.status_code == 403
    page = answer.content.decode()
    assert "Your account has no role yet" in page
    assert "mailto:ada@annals.example" in page
    assert "retired@annals.example" not in page


def test_a_role_that_does_not_allow_something_is_refused_in_other_words(client: Client) -> None:
    client.force_login(make_user(name="Vic"))
    answer = client.get("/contacts/new")
    assert answer.status_code == 403
    assert "no role yet" not in answer.content.decode()


def test_htmx_shows_a_refusal_beside_the_page(client: Client) -> None:
    client.force_login(make_user(name="Vic"))
    answer = client.get("/contacts/new", headers={"HX-Request": "true"})
    assert answer.status_code == 403
    assert answer["HX-Reswap"] == "none"
    assert "Your role does not allow this." in answer["HX-Trigger"]
