"""The inbox: what it shows, what is unread, and that it is everybody's own."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from uuid_utils.compat import uuid7

from accounts.models import User
from activity.context import acting
from activity.inbox import reading
from activity.models import Notification
from contacts.models import Comment, Contact, Follow
from tests.builders import make_contact, make_user

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
INBOX = "/inbox/"


@pytest.fixture
def amara() -> Contact:
    return make_contact()


@pytest.fixture
def mia() -> User:
    return make_user(name="Mia")


@pytest.fixture
def max_(client: Client) -> User:
    max_ = make_user(name="Max")
    client.force_login(max_)
    return max_


def write(contact: Contact, author: User, body: str) -> Comment:
    pk = uuid7()
    with acting(actor=author, channel="web"):
        Comment.add(contact, author=author, body=body, pk=pk)
    return Comment.objects.get(pk=pk)


def shown(client: Client, address: str = INBOX) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().partition('<div id="inbox">')[2].split())


def badge(client: Client) -> str:
    page = client.get(reverse("inbox_count")).content.decode()
    return page.partition('aria-hidden="true">')[2].partition("<")[0]


def post(client: Client, name: str, *args: int, **typed: str) -> None:
    answer = client.post(reverse(name, args=args), typed)
    assert answer.status_code == 303


def test_it_says_who_mentioned_max_where_and_leads_there(
    client: Client, amara: Contact, mia: User, max_: User
) -> None:
    write(amara, mia, "@Max, **call** <her> back")
    [told] = Notification.objects.of(max_)
    page = shown(client)
    assert "<b>Mia</b> mentioned you on <b>Amara Okonkwo</b>" in page
    assert "@Max, call &lt;her&gt; back" in page
    address = f"{amara.get_absolute_url()}?at={told.event_id}#e-{told.event_id}"
    assert f'href="{address}"' in page
    assert "linked" in client.get(address).content.decode()


def test_it_says_what_happened_with_a_contact_that_max_follows(
    client: Client, amara: Contact, mia: User, max_: User
) -> None:
    Follow.objects.follow(max_, amara)
    with acting(actor=mia, channel="web"):
        amara.archive()
    page = shown(client)
    assert "Contact archived" in page
    assert "<bdi>Mia</bdi>" in page


def test_a_comment_that_was_deleted_is_not_told(
    client: Client, amara: Contact, mia: User, max_: User
) -> None:
    write(amara, mia, "@Max, a secret").remove(by=mia)
    page = shown(client)
    assert "secret" not in page
    assert "The comment was deleted." in page


def test_what_was_read_is_on_the_other_tab_and_can_be_put_back(
    client: Client, amara: Contact, mia: User, max_: User
) -> None:
    write(amara, mia, "@Max one")
    [told] = Notification.objects.of(max_)
    assert badge(client) == "1"
    post(client, "inbox_read", told.pk)
    assert "All read" in shown(client)
    assert badge(client) == ""
    assert "@Max one" in shown(client, f"{INBOX}?show=all")
    answer = client.post(reverse("inbox_unread", args=[told.pk]), {"show": "all"})
    assert answer.url == f"{INBOX}?show=all"
    assert badge(client) == "1"


def test_a_script_gets_the_row_and_has_the_counts_asked_for_anew(
    client: Client, amara: Contact, mia: User, max_: User
) -> None:
    write(amara, mia, "@Max one")
    [told] = Notification.objects.of(max_)
    answer = client.post(reverse("inbox_read", args=[told.pk]), headers=HTMX)
    page = answer.content.decode()
    assert page.startswith("<li")
    assert "unread" not in page.partition(">")[0]
    assert "inbox" in answer.headers["HX-Trigger"]


def test_marking_all_leaves_what_came_since_the_page_was_shown(
    client: Client, amara: Contact, mia: User, max_: User
) -> None:
    write(amara, mia, "@Max one")
    until = client.get(INBOX).context["page"].until
    write(amara, mia, "@Max two")
    answer = client.post(reverse("inbox_read_all"), {"until": until}, headers=HTMX)
    assert "1 marked as read" in answer.headers["HX-Trigger"]
    page = answer.content.decode()
    assert "@Max two" in page
    assert "@Max one" not in page
    post(client, "inbox_read_all", until="2026-02-31T10:00:00Z")
    assert badge(client) == ""


@pytest.mark.parametrize(
    "until",
    ["9999-12-31T23:59:59+23:59", "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59"],
)
def test_a_time_of_no_zone_on_earth_breaks_nothing(
    client: Client, amara: Contact, mia: User, max_: User, until: str
) -> None:
    write(amara, mia, "@Max one")
    assert client.post(reverse("inbox_read_all"), {"until": until}).status_code == 303


def test_nobody_marks_what_another_one_was_told(
    client: Client, amara: Contact, mia: User, max_: User
) -> None:
    vic = make_user(name="Vic")
    write(amara, mia, "@Vic")
    [told] = Notification.objects.of(vic)
    assert client.post(reverse("inbox_read", args=[told.pk])).status_code == 404
    post(client, "inbox_read_all")
    assert Notification.objects.of(vic).unread().exists()
    assert "@Vic" not in shown(client, f"{INBOX}?show=all")


def test_who_sees_no_contacts_has_no_inbox(client: Client) -> None:
    client.force_login(User.objects.create_user("x@y.example"))
    for name in ("inbox", "inbox_count"):
        assert client.get(reverse(name)).status_code == 403


def test_there_are_pages_of_older_ones(
    client: Client, amara: Contact, mia: User, max_: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "PAGE", 2)
    for number in range(5):
        write(amara, mia, f"@Max {number}")
    seen, address = [], INBOX
    while address:
        answer = client.get(address)
        seen += [item.excerpt for item in answer.context["page"].items]
        older = answer.context["page"].older
        address = f"{INBOX}?before={older}" if older else ""
    assert seen == [f"@Max {number}" for number in (4, 3, 2, 1, 0)]
    assert "Back to the newest" in shown(client, f"{INBOX}?before={older or 1}")
    assert client.get(f"{INBOX}?before=9999999999999999999999").status_code == 200


def test_the_navigation_shows_how_many_are_unread_without_a_query_more(
    client: Client, amara: Contact, mia: User, max_: User
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            page = client.get("/contacts/").content.decode()
        assert page.count('hx-get="/inbox/count"') == 2
        return len(found)

    queries()
    none = queries()
    write(amara, mia, "@Max")
    assert queries() == none
    assert "1 unread" in client.get("/contacts/").content.decode()


def test_the_navigation_counts_no_further_than_ninety_nine(
    client: Client, amara: Contact, mia: User, max_: User
) -> None:
    write(amara, mia, "@Max")
    [told] = Notification.objects.of(max_)
    Notification.objects.bulk_create(
        Notification(user=max_, contact=amara, event_id=-number, reason="follow", at=told.at)
        for number in range(1, 100)
    )
    assert badge(client) == "99+"


def test_a_page_takes_as_many_queries_however_much_is_on_it(
    client: Client, amara: Contact, mia: User, max_: User
) -> None:
    counts = []
    for _round in range(2):
        for number in range(4):
            contact = make_contact(given_name=f"Ana {number}")
            Follow.objects.follow(max_, contact)
            write(contact, mia, "@Max")
            with acting(actor=mia, channel="web"):
                contact.archive()
        client.get(INBOX)
        with CaptureQueriesContext(connection) as queries:
            client.get(INBOX)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 5
