"""The History tab around its entries: filters, pages, links, and who may open it."""

import datetime
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from activity.context import acting
from activity.history.record import PAGE
from activity.models import ActivityEvent
from contacts.models import Contact, Message, Share
from tests.activity.happenings import happen
from tests.activity.history.pages import html, shown
from tests.activity.test_filters import NONSENSE
from tests.builders import make_comment, make_user
from tests.contacts.portal_people import make_portal

pytestmark = pytest.mark.django_db


HTMX = {"HX-Request": "true"}


def queries(client: Client, contact: Contact) -> int:
    with CaptureQueriesContext(connection) as captured:
        html(client, contact)
    return len(captured)


def test_the_filters_are_those_of_the_activity_page(
    client: Client, mia: User, amara: Contact
) -> None:
    with acting(actor=mia):
        amara.city = "Lagos"
        amara.save()
    comment = make_comment(amara, mia)
    comment.edit("Call back on 9th", comment.version)

    def verbs(**query: object) -> list[str]:
        return re.findall(r'data-verb="([\w.]+)"', html(client, amara, **query))

    assert verbs(kind=["comment.edited", "contact.created"]) == [
        "comment.edited", "contact.created"
    ]  # fmt: skip
    assert verbs(group="changes") == ["contact.updated"]
    assert verbs(actor=str(mia.pk)) == ["contact.updated"]
    assert verbs(q="lagos") == ["contact.updated"]
    tomorrow = timezone.localdate() + datetime.timedelta(1)
    assert verbs(**{"from": tomorrow.isoformat()}) == []
    assert "Nothing matches" in html(client, amara, **{"from": tomorrow.isoformat()})


@pytest.mark.parametrize("name", ["kind", "group", "actor", "from", "to", "q", "before"])
def test_nonsense_in_the_address_does_no_harm(
    client: Client, mia: User, amara: Contact, name: str
) -> None:
    for value in NONSENSE:
        html(client, amara, **{name: value.encode("utf-8", "replace")})


def test_pages_follow_each_other_without_gaps_and_repeats(
    client: Client, mia: User, amara: Contact
) -> None:
    happen(amara, times=PAGE * 2)
    first = shown(html(client, amara))
    second = shown(html(client, amara, before=first[-1]))
    third = shown(html(client, amara, before=second[-1]))
    events = [event.id for event in ActivityEvent.objects.of(amara.pk)]
    assert first + second + third == events
    assert "Show 51 older entries" in html(client, amara)


def test_what_comes_while_somebody_reads_moves_nothing(
    client: Client, mia: User, amara: Contact
) -> None:
    happen(amara, times=PAGE * 2)
    first = shown(html(client, amara))
    second = shown(html(client, amara, before=first[-1]))
    happen(amara, times=3)
    assert shown(html(client, amara, before=first[-1])) == second


def test_the_link_to_older_entries_keeps_the_filters(
    client: Client, mia: User, amara: Contact
) -> None:
    happen(amara, times=PAGE + 1)
    page = html(client, amara, kind="contact.updated", q="", at="2026-05-06")
    oldest = shown(page)[-1]
    assert f'href="?kind=contact.updated&amp;before={oldest}"' in page


def test_the_link_of_an_entry_leads_to_it(client: Client, mia: User, amara: Contact) -> None:
    [event] = happen(amara)
    happen(amara, times=PAGE)
    assert event not in shown(html(client, amara))
    assert shown(html(client, amara, before=event + 1))[0] == event


def test_a_filter_chosen_with_htmx_stands_in_the_address(
    client: Client, mia: User, amara: Contact
) -> None:
    address = reverse("contact_history", args=[amara.pk])
    query = {"q": "", "actor": "", "kind": "contact.created"}
    answer = client.get(address, query, headers=HTMX)
    assert answer.headers["HX-Replace-Url"] == f"{address}?kind=contact.created"


def test_the_number_of_queries_does_not_grow(client: Client, mia: User, amara: Contact) -> None:
    def more(times: int) -> None:
        for number in range(times):
            comment = make_comment(amara, mia)
            comment.edit(f"Text {number}", comment.version)
            amara.city, amara.owner = f"City {number}", mia
            amara.save()
            Message.send(amara, author=mia, address="amara@calder.example", body="Hello")
            Share.draft(amara, sender=mia, recipients=["a@x.example"], fields=["emails"]).send()

    more(1)
    html(client, amara)  # whatever is looked up once for good
    few = queries(client, amara)
    more(6)
    assert queries(client, amara) == few


def test_history_and_activity_lead_to_each_other(client: Client, mia: User, amara: Contact) -> None:
    activity, history = amara.get_absolute_url(), reverse("contact_history", args=[amara.pk])
    for here, there in ((activity, history), (history, activity)):
        page = client.get(here).content.decode()
        tabs = re.search(r'<nav class="tabs views".*?</nav>', page, re.S)
        assert tabs
        assert f'href="{there}"' in tabs[0]
        assert re.search(rf'href="{here}" aria-current="page"', tabs[0])


def test_a_viewer_reads_the_record_and_changes_nothing(client: Client, amara: Contact) -> None:
    client.force_login(make_user(name="Vic"))
    amara.city = "Lagos"
    amara.save()
    page = html(client, amara)
    assert "Lagos" in page
    assert "Put back" not in page
    assert "Handover sheet" not in page


def test_a_deleted_contact_answers_with_its_receipt(
    client: Client, mia: User, amara: Contact
) -> None:
    amara.delete(reason="Asked for it")
    answer = client.get(reverse("contact_history", args=[amara.pk]))
    assert answer.status_code == 410
    assert "Receipt" in answer.content.decode()


def test_an_unknown_contact_is_not_found(client: Client, mia: User, amara: Contact) -> None:
    unknown = Contact(given_name="Never saved")
    assert client.get(reverse("contact_history", args=[unknown.pk])).status_code == 404


def test_kinds_that_only_administrators_see_stay_theirs(client: Client, amara: Contact) -> None:
    happen(amara, "user.signed_in", name="Amara", method="password")
    for name, sees in (("Max", False), ("Ada", True)):
        client.force_login(make_user(name=name))
        assert ("user.signed_in" in html(client, amara)) is sees


def test_a_portal_shows_nothing_of_it(client: Client, amara: Contact) -> None:
    amara.job_title = "Director"
    amara.save()
    client.force_login(make_portal(amara))
    addresses = ("contact_history", []), ("contact_put_back", [1]), ("contact_handover", [])
    for name, more in addresses:
        address = reverse(name, args=[amara.pk, *more])
        for answer in (client.get(address), client.post(address)):
            assert answer.status_code == 404
            assert "Director" not in answer.content.decode()
