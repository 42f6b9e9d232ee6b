"""The first page of the team: what waits, what happened today, and for whom."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.html import strip_tags
from uuid_utils.compat import uuid7

from activity.ledger.sealing import seal_pending
from activity.models import ActivityEvent
from activity.overview import waiting
from contacts.models import BulkRun, Comment, Contact, Delivery, ImportRun, Message
from tests.activity.happenings import happen
from tests.builders import make_comment, make_contact, make_user
from tests.contacts.outbox import ana, invitation, message

pytestmark = pytest.mark.django_db
QUERIES = 12


@pytest.fixture
def mia(client: Client) -> Any:
    user = make_user(name="Mia")
    client.force_login(user)
    return user


def page(client: Client, query: str = "") -> str:
    answer = client.get(f"/?{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def text(html: str) -> str:
    return " ".join(strip_tags(html.replace("<", " <")).split())


def fail(mail: Delivery) -> ActivityEvent:
    """Have a mail come back; return the entry on whose row it can be sent again."""
    Delivery.objects.filter(pk=mail.pk).update(state="bounced", error="Their mailbox is full.")
    return ActivityEvent.objects.get(object_id=mail.message_id, verb="message.queued")


def test_signing_in_leads_to_it(client: Client) -> None:
    make_user(name="Mia", password="a-long-password")
    typed = {"login": "mia@annals.example", "password": "a-long-password"}
    answer = client.post("/accounts/login/", typed, follow=True)
    assert "<h1" in answer.content.decode()
    assert "Waits for you" in answer.content.decode()


def test_what_waits_leads_to_where_something_can_be_done(
    client: Client, mia: Any, settings: Any
) -> None:
    contact = ana(owner=mia)
    entry = fail(message(contact, subject="Offer"))
    asked = Message.receive(contact, body="When do you come?", address=contact.email)
    settings.INVITATION_DAYS = 1
    invited = invitation(contact, email="b@calder.example").invitation
    html = page(client)
    for thing in (entry.object_id, asked.pk, invited.pk):
        number = ActivityEvent.objects.get(
            object_id=thing, verb__in=("message.queued", "message.received", "invitation.sent")
        ).id
        assert f'href="{contact.get_absolute_url()}?at={number}"' in html
    said = text(html)
    assert "Mails that did not arrive 1 AC Ana Costa Bounced Offer Their mailbox is full." in said
    assert "Unanswered messages 1 AC Ana Costa When do you come?" in said
    assert "Invitations that end soon 1 AC Ana Costa Ends" in said


def test_what_waits_for_others_stands_under_for_everyone(client: Client, mia: Any) -> None:
    ben = make_user(name="Ben")
    fail(message(ana(owner=ben), author=ben, subject="Offer"))
    assert "Nothing waits for you" in page(client)
    assert "Offer" not in page(client)
    assert "Offer" in page(client, "for=team")


def test_more_than_a_few_are_shown_on_a_page_of_their_own(
    client: Client, mia: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting, "SHOWN", 2)
    contact = ana(owner=mia)
    for number in range(4):
        fail(message(contact, subject=f"Offer {number}"))
    html = page(client)
    assert "Mails that did not arrive 2+" in text(html)
    assert 'href="?show=mails"' in html
    alone = page(client, "show=mails")
    assert all(f"Offer {number}" in alone for number in range(4))
    assert "What people did last" not in alone
    monkeypatch.setattr(waiting, "MOST", 3)
    assert "These are the first 100." in page(client, "show=mails")
    assert "What people did last" in page(client, "show=nonsense")


def test_only_who_may_import_or_act_in_bulk_is_asked_to(client: Client) -> None:
    max_, mia = make_user(name="Max"), make_user(name="Mia")
    make_contact()
    for user in (max_, mia):
        ImportRun.objects.create(name="fair.csv", started_by=user)
        BulkRun.select("archive", Contact.objects.all(), user)
    client.force_login(mia)
    assert "not started" not in page(client)
    client.force_login(max_)
    html = text(page(client))
    assert "Imports not started 1 fair.csv" in html
    assert "Bulk actions not started 1 Archive 1 contact" in html


def test_what_is_unread_in_the_inbox_waits(client: Client, mia: Any) -> None:
    max_ = make_user(name="Max")
    with transaction.atomic():
        Comment.add(make_contact(), author=max_, body="Ask @Mia first", pk=uuid7())
    html = page(client)
    assert "Unread in your inbox 1" in text(html)
    assert "Nothing waits for you" not in html
    assert "Unread in your inbox" not in page(client, "for=team")


def test_today_is_told_in_numbers_that_lead_to_the_log(client: Client, mia: Any) -> None:
    contact = make_contact()
    for _ in range(3):
        make_comment(contact, mia)
    seal_pending()
    make_comment(contact, mia)
    happen(contact, "comment.added", at=timezone.now() - timedelta(days=2), times=9)
    day = timezone.localdate()
    html = page(client)
    assert f'href="/activity/?kind=comment.added&amp;from={day}&amp;to={day}"' in html
    assert "4 Comments" in text(html)
    assert "1 Contacts added" in text(html)
    assert (
        'role="img" aria-label="Entries in the last 14 days: 14 in all, 5 of them today."' in html
    )
    assert "style=" not in html


def test_what_people_did_last_leads_to_where_it_stands(client: Client, mia: Any) -> None:
    contact, gone = make_contact(), make_contact(given_name="Gone by then")
    make_comment(gone, mia)
    make_comment(contact, mia, body="Not to be shown here")
    gone.delete(reason="Asked for it")
    entry = ActivityEvent.objects.get(verb="comment.added", contact_id=contact.pk)
    html = page(client)
    assert f'href="{contact.get_absolute_url()}?at={entry.id}"' in html
    assert "Amara Okonkwo Comment by" in text(html)
    assert "Not to be shown here" not in html
    assert "Gone by then" not in html


def test_without_anything_it_says_what_will_be_there(client: Client, mia: Any) -> None:
    html = text(page(client))
    assert "Nothing waits for you" in html
    assert "Nothing yet. What people write and do appears here." in html
    assert "Nothing waits for anybody" in text(page(client, "for=team"))


def test_it_is_for_the_team(client: Client) -> None:
    assert client.get("/").url.startswith("/accounts/login/?next=/")
    client.force_login(make_user("viewer", name="Vic"))
    assert re.search(r'href="/"[^>]* aria-current="page"', page(client))
    nobody = make_user("viewer", name="New")
    nobody.groups.clear()
    client.force_login(nobody)
    assert client.get("/").status_code == 403


def test_it_takes_as_many_queries_however_much_waits(client: Client, settings: Any) -> None:
    settings.INVITATION_DAYS = 1
    max_ = make_user(name="Max")
    client.force_login(max_)

    def happenings() -> None:
        contact = ana(owner=max_)
        fail(message(contact))
        Message.receive(contact, body="When?", address=contact.email)
        make_comment(contact)
        invitation(contact)
        ImportRun.objects.create(name="fair.csv", started_by=max_)
        BulkRun.select("archive", Contact.objects.all(), max_)

    counts = []
    for _ in range(2):
        happenings()
        page(client)
        with CaptureQueriesContext(connection) as queries:
            page(client)
        counts.append(len(queries))
    assert counts == [QUERIES, QUERIES]
