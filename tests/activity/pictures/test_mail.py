"""What became of the mails of the last days."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.html import strip_tags

from activity.pictures.mail import DAYS, mail
from contacts.models import Delivery, Message
from tests.builders import make_user
from tests.contacts.outbox import ANA, ana

pytestmark = pytest.mark.django_db


def mails(*states: str, days_ago: int = 0) -> None:
    """Make a mail in each of the states."""
    written = Message.receive(ana(), body="Hello", via="portal")  # which itself has no mail
    at = timezone.now() - timedelta(days=days_ago)
    for state in states:
        mail = {"contact": written.contact, "message": written, "recipient": ANA}
        Delivery(**mail, state=state, created_at=at).save(force_insert=True)


def test_each_day_is_told_by_what_became_of_its_mails() -> None:
    mails("sent", "sent", "bounced", "queued", "sending", "cancelled")
    mails("failed", "uncertain", days_ago=3)
    mails("sent", days_ago=DAYS)
    found = mail()
    today, earlier = found.bars.stretches[-1], found.bars.stretches[-4]
    assert [series.tone for series in found.bars.series] == [
        "sent", "waiting", "uncertain", "failed", "bounced",
    ]  # fmt: skip
    assert today.counts == (2, 2, 0, 0, 1)
    assert earlier.counts == (0, 0, 1, 1, 0)
    assert found.bars.total == 7
    assert found.caption == "7 mails in 30 days"


def test_one_sentence_tells_how_many_did_not_arrive() -> None:
    assert mail().summary == "Mails in the last 30 days: none."
    mails("sent", "bounced", "failed", "uncertain")
    assert mail().summary == (
        "Mails in the last 30 days: 4 in all, of which 3 did not arrive or perhaps did not."
    )


def test_it_comes_with_a_table_as_a_page_and_as_a_part(client: Client) -> None:
    client.force_login(make_user("viewer", name="Vic"))
    mails("sent", "bounced")
    page = client.get("/activity/mail/").content.decode()
    part = client.get("/activity/mail/", headers={"HX-Request": "true"}).content.decode()
    assert ">Mail delivery</h1>" in page
    assert 'href="/?for=team&amp;show=mails"' in page
    assert "<html" not in part
    day = timezone.localdate()
    query = f"group=outreach&amp;from={day}&amp;to={day}"
    assert f'<a href="/activity/?{query}">{mail().bars.rows[0].name}</a>' in part
    words = " ".join(strip_tags(part.replace("<", " <")).split())
    assert "Day Sent Waiting Perhaps sent Not sent Bounced" in words
    assert f"{mail().bars.rows[0].name} 1 0 0 0 1" in words


def test_it_costs_one_query() -> None:
    mails("sent", "bounced")
    with CaptureQueriesContext(connection) as queries:
        assert mail().bars.total
    assert len(queries) == 1
