"""Visits of a share's link are counted once a day in a browser, and never by looking alone."""

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from activity.models import ActivityEvent
from contacts.models import Contact, Share
from tests.builders import make_user
from tests.contacts.share_links.links import OTHER, path_of, visits

pytestmark = pytest.mark.django_db


def test_looking_changes_nothing_and_counts_nothing(client: Client, shared: Share) -> None:
    path = path_of(shared)
    with CaptureQueriesContext(connection) as queries:
        for _ in range(3):
            client.get(path)
            client.head(path)
            client.get(f"{path}card.vcf")
    assert not [q for q in queries if not q["sql"].startswith("SELECT")]
    assert visits(shared) == 0
    assert client.get(f"{path}opened").status_code == 405


def test_a_persons_visit_counts_once_a_day_in_one_browser(
    client: Client, shared: Share, amara: Contact
) -> None:
    path = path_of(shared)
    assert f'hx-post="{path}opened"' in client.get(path).content.decode()
    client.post(f"{path}opened")
    client.post(f"{path}opened")
    assert "hx-post" not in client.get(path).content.decode()
    assert visits(shared) == 1
    Client().post(f"{path}opened")
    shared.refresh_from_db()
    assert (visits(shared), shared.visits) == (2, {OTHER: 2})
    event = ActivityEvent.objects.filter(verb="share.link_opened").first()
    assert (event.contact_id, event.actor_type, event.payload["to"]) == (amara.pk, "system", OTHER)
    cookie = client.cookies["seen"]
    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == (path, True, "Lax")


def test_the_team_looking_at_its_own_link_is_no_visit(client: Client, shared: Share) -> None:
    path = path_of(shared)
    client.force_login(make_user(name="Mia"))
    assert "hx-post" not in client.get(path).content.decode()
    client.post(f"{path}opened")
    assert visits(shared) == 0


def test_who_asks_too_often_is_not_counted(client: Client, shared: Share) -> None:
    path = path_of(shared)
    for _ in range(40):
        Client().post(f"{path}opened")
    assert visits(shared) == 30
    cache.clear()
