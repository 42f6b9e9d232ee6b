"""Who may export what, and have whose files."""

import pytest
from django.test import Client
from django.urls import reverse
from uuid_utils.compat import uuid7

from accounts.models import User
from activity.models import ActivityEvent, ActivityExport
from activity.tasks import run_export
from contacts.models import Contact
from tests.activity.export.asking import ask, events_in, exported, large, verbs
from tests.builders import make_user

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("role", ["viewer", "member"])
def test_who_may_not_export_is_refused_everywhere(client: Client, role: str) -> None:
    client.force_login(make_user(role))
    assert ask(client).status_code == 403
    assert client.get(reverse("activity_exports")).status_code == 403
    for name in ("run", "progress", "download"):
        address = reverse(f"activity_export_{name}", args=[uuid7()])
        assert client.get(address).status_code == 403


def test_what_is_of_the_team_is_for_administrators(client: Client, max_: User) -> None:
    assert "user.created" not in verbs(exported(client))
    assert verbs(exported(client, kind="user.signed_in")) & {"user.signed_in"} == set()
    assert b'"client"' not in exported(client)
    client.force_login(make_user(name="Ada"))
    file = exported(client)
    assert {"user.created", "user.signed_in"} <= verbs(file)
    assert all("client" in event for event in events_in(file))


def test_somebody_else_s_export_is_not_there(client: Client, max_: User) -> None:
    ask(client)
    export = ActivityExport.objects.get()
    client.force_login(make_user(name="Ada"))
    for name in ("run", "progress", "download"):
        address = reverse(f"activity_export_{name}", args=[export.pk])
        assert client.get(address).status_code == 404
    assert client.post(reverse("activity_export_cancel", args=[export.pk])).status_code == 404
    listed = client.get(reverse("activity_exports")).content.decode()
    assert str(export.pk) not in listed


def test_who_lost_the_role_or_signed_out_gets_nothing(client: Client) -> None:
    ada = make_user(name="Ada")
    client.force_login(ada)
    ask(client)
    address = ActivityExport.objects.get().download_url
    ada.assign_role("manager")  # may export, but not what only administrators see
    assert client.get(address).status_code == 404
    ada.assign_role("viewer")
    assert client.get(address).status_code == 403
    client.logout()
    assert client.get(address).status_code == 302


def test_who_loses_the_role_while_it_is_written_gets_no_file(
    client: Client, amara: Contact
) -> None:
    ada = make_user(name="Ada")
    client.force_login(ada)
    export = large(client, amara)
    ada.assign_role("manager")
    run_export(str(export.pk))
    export.refresh_from_db()
    assert (export.state, export.file) == ("failed", "")
    assert "may not have it any more" in export.error
    assert not ActivityEvent.objects.filter(verb="export.created").exists()
