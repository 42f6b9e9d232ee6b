"""That an administrator looked at the log is an event: hourly at most for the same filters."""

from functools import partial
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import RequestFactory

from accounts.models import User
from activity import viewing
from activity.models import ActivityEvent
from activity.viewing import note_view
from tests.builders import make_user
from tests.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def ada() -> User:
    return make_user(name="Ada")


@pytest.fixture(autouse=True)
def hours(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Stop the clock; what stands in the list is the hour."""
    now = [494_000]
    monkeypatch.setattr(viewing, "_hour", lambda: now[0])
    return now


def look(user: User, query: str = "") -> bool:
    request = RequestFactory().get(f"/activity/?{query}")
    request.user = User.objects.get(pk=user.pk)
    return note_view(request, query)


def views() -> list[dict[str, Any]]:
    rows = ActivityEvent.objects.filter(verb="log.viewed").order_by("pk")
    return [{k: v for k, v in row.payload.items() if k != "actor"} for row in rows]


def test_a_view_is_noted_once_an_hour(ada: User, hours: list[int]) -> None:
    assert look(ada)
    assert not look(ada)
    hours[0] += 1
    assert look(ada)
    assert views() == [{"query": "", "searched": False}] * 2


def test_other_filters_are_another_view_in_whatever_order_they_stand(ada: User) -> None:
    assert look(ada, "kind=contact.deleted&from=2026-05-01")
    assert not look(ada, "from=2026-05-01&kind=contact.deleted")
    assert look(ada, "kind=contact.deleted")


def test_each_administrator_is_noted(ada: User) -> None:
    assert look(ada)
    assert look(make_user("administrator", name="Eve"))


@pytest.mark.parametrize("role", ["viewer", "member", "manager"])
def test_who_does_not_see_all_of_the_log_is_not_noted(role: str) -> None:
    assert not look(make_user(role, name="Somebody"))
    assert views() == []


def test_what_was_searched_for_is_not_kept(ada: User) -> None:
    assert look(ada, urlencode({"q": "Amara Okonkwo", "source": "web"}))
    assert look(ada, urlencode({"q": "Ben Mwangi", "source": "web"}))
    assert views() == [{"query": "source=web", "searched": True}] * 2
    assert "Amara" not in str(ActivityEvent.objects.filter(verb="log.viewed").values())


def test_of_many_tabs_at_once_one_is_noted(ada: User) -> None:
    noted = at_once(*[partial(look, ada, "source=web")] * 6)
    assert sorted(noted) == [False] * 5 + [True]
    assert len(views()) == 1
