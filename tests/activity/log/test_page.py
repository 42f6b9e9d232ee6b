"""The page of the log: what its rows say, to whom, and how one gets through it."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from activity.catalogue import KINDS
from activity.ledger.sealing import seal_pending
from activity.log.paging import PAGE
from activity.models import ActivityEvent
from activity.recording import Draft, write
from contacts.models import Contact
from tests.activity.happenings import NOON, change, happen
from tests.activity.log.pages import numbers, rows
from tests.builders import make_contact, make_user

pytestmark = pytest.mark.django_db


def test_a_row_says_when_who_what_whom_and_how(client: Client, reader: Any, amara: Contact) -> None:
    mia = make_user(name="Mia")
    (number,) = happen(amara, actor=mia, changes=[change("City", "Lagos", "Porto")])
    (row, *_rest) = rows(client)
    assert row.startswith("12:00:00 M Mia Fields changed Amara Okonkwo City from Lagos to Porto")
    assert row.endswith(f"Web Entry {number:,}")


def test_a_deleted_contact_leads_to_its_receipt(
    client: Client, reader: Any, amara: Contact, settings: Any
) -> None:
    settings.DELETED_NAME_DAYS = 0
    amara.delete()
    answer = client.get("/activity/?kind=contact.deleted").content.decode()
    assert f'href="/contacts/{amara.pk}/"' in answer
    assert "Deleted contact" in answer
    assert "Okonkwo" not in answer
    assert client.get(f"/contacts/{amara.pk}/").status_code == 410
    assert "Content erased" in rows(client, "kind=contact.created")[0]


def test_days_are_those_of_the_reader(client: Client, amara: Contact) -> None:
    client.force_login(make_user("viewer", name="Kiri", time_zone="Pacific/Kiritimati"))
    happen(amara, at=NOON)
    answer = client.get("/activity/?kind=contact.updated").content.decode()
    assert "Thursday 7 May" in answer
    assert ">02:00:00<" in answer


def test_pages_follow_each_other_without_gap_or_repeat(
    client: Client, reader: Any, amara: Contact
) -> None:
    made = happen(amara, times=2 * PAGE + 3)
    query = "kind=contact.updated"
    first = numbers(client, query)
    second = numbers(client, f"{query}&before={first[-1]}")
    happen(amara, times=2)  # while somebody reads
    third = numbers(client, f"{query}&before={second[-1]}")
    assert first + second + third == made[::-1]
    assert numbers(client, f"{query}&after={third[0]}") == second
    assert numbers(client, f"{query}&after={second[0]}") == first


def test_a_page_after_the_last_one_and_nonsense_are_pages_too(
    client: Client, reader: Any, amara: Contact
) -> None:
    assert "The log ends here." in client.get("/activity/?before=1").content.decode()
    for query in ("before=x", "after=-1", "before=" + "9" * 30, "source=x&kind=y", "after=1e9"):
        assert client.get(f"/activity/?{query}").status_code == 200
    assert numbers(client, f"after={10**17}") == numbers(client)


def test_who_did_it_is_named_also_where_the_content_is_erased(
    client: Client, reader: Any, amara: Contact
) -> None:
    happen(amara, "contact.archived", actor=make_user(name="Mia"))
    amara.delete()
    assert "M Mia Contact archived" in rows(client, "kind=contact.archived")[0]


def test_the_line_of_what_is_verified_stands_at_the_right_entry(
    client: Client, reader: Any, amara: Contact
) -> None:
    old = happen(amara, times=3)
    seal_pending()
    new = happen(amara, times=2)
    answer = client.get("/activity/?kind=contact.updated").content.decode()
    line = answer.index("Verified from here on down")
    assert answer.index(f'id="e-{new[0]}"') < line < answer.index(f'id="e-{old[-1]}"')
    older = client.get(f"/activity/?before={old[-1]}").content.decode()
    assert "Verified from here on down" not in older


def test_the_badge_says_how_far_it_is(client: Client, reader: Any, amara: Contact) -> None:
    assert "Nothing sealed yet" in client.get("/activity/").content.decode()
    seal_pending()
    assert "Sealed up to" in client.get("/activity/").content.decode()


def test_that_an_administrator_reads_the_log_is_an_entry(client: Client, amara: Contact) -> None:
    client.force_login(make_user(name="Ada"))
    client.get("/activity/?group=change")
    client.get("/activity/?group=change&before=9")
    assert ActivityEvent.objects.filter(verb="log.viewed").count() == 1
    client.force_login(make_user(name="Max"))
    client.get("/activity/")
    assert ActivityEvent.objects.filter(verb="log.viewed").count() == 1


def test_only_who_sees_contacts_sees_the_log(client: Client) -> None:
    client.force_login(make_user("viewer", name="Vic"))
    assert client.get("/activity/").status_code == 200
    portal = make_user(name="Guest")
    portal.groups.clear()
    client.force_login(type(portal).objects.get(pk=portal.pk))
    assert client.get("/activity/").status_code in (302, 403)
    assert client.get("/activity/menu/who").status_code in (302, 403)


def test_every_kind_draws_a_row_also_when_it_was_erased(client: Client, amara: Contact) -> None:
    client.force_login(make_user(name="Ada"))
    for kind in KINDS:
        write([Draft(kind.verb, "contact", amara.pk, amara.pk, dict(kind.example))])
    query = "&".join(f"kind={kind.verb}" for kind in KINDS if kind.verb != "log.viewed")
    shown = rows(client, query) + rows(client, f"{query}&before={numbers(client, query)[-1]}")
    assert len(shown) >= len(KINDS) - 1
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE activity_event DISABLE TRIGGER USER")
        cursor.execute("UPDATE activity_event SET payload = NULL, salt = NULL, erased_by = 1")
    assert all("Content erased" in row for row in rows(client, query))


def test_a_kind_since_retired_is_still_a_row(client: Client, reader: Any, amara: Contact) -> None:
    happen(amara)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE activity_event DISABLE TRIGGER USER")
        cursor.execute("UPDATE activity_event SET verb = '100%.gone' WHERE verb LIKE '%updated'")
    assert "100%.gone Amara Okonkwo" in rows(client)[0]


@pytest.mark.parametrize(
    ("query", "most"),
    [("", 20), ("group=change&source=web&from=2026-01-01", 21), ("q=amara&group=change", 30)],
)
def test_a_page_costs_as_many_queries_whatever_it_shows(
    client: Client, reader: Any, amara: Contact, query: str, most: int
) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"/activity/?{query}").status_code == 200
        return len(queries)

    happen(amara, times=3)
    few = cost()
    for name in ("Bea", "Cleo", "Dora"):
        happen(make_contact(given_name=name), actor=make_user(name=name), times=PAGE)
    assert cost() <= few
    assert few <= most
