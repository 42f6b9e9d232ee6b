"""Who may import, and see it."""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from contacts.models import ImportRun
from tests.builders import make_user
from tests.contacts.import_pages.uploading import choices, upload, uploaded

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", ["Vic", "Mia"])
def test_viewers_and_members_cannot_import(client: Client, name: str) -> None:
    client.force_login(make_user(name="Max"))
    run = uploaded(client)
    client.force_login(make_user(name=name))
    for path in (
        "",
        "new",
        *(f"{run.pk}/{p}" for p in ("", "columns", "preview", "progress", "failures.csv")),
    ):
        assert client.get(f"/imports/{path}").status_code == 403
    assert upload(client).status_code == 403
    assert client.post(f"/imports/{run.pk}/columns", choices(run)).status_code == 403
    for path in ("stop", "start", "revert"):
        assert client.post(f"/imports/{run.pk}/{path}").status_code == 403
    run.refresh_from_db()
    assert (run.state, ImportRun.objects.count()) == ("draft", 1)


def test_an_administrator_can_import(client: Client) -> None:
    client.force_login(make_user(name="Ada"))
    assert client.get("/imports/new").status_code == 200


def test_an_unknown_import_is_not_found(client: Client, max_: Any) -> None:
    for path in ("", "columns", "preview", "progress", "failures.csv"):
        assert client.get(f"/imports/{uuid4()}/{path}").status_code == 404
