"""Mail about the inbox: when, to whom, with what, and with nothing that was said."""

import datetime
import re
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone
from uuid_utils.compat import uuid7

from accounts.models import User
from activity.context import acting
from activity.inbox import digest
from activity.models import Notification
from activity.tasks import sweep_digests
from contacts.models import Comment, Contact, Follow, Message
from contacts.smtp import NotNow, Refused, Uncertain
from tests.builders import make_contact, make_user

pytestmark = pytest.mark.django_db
UTC = datetime.UTC


@pytest.fixture
def amara() -> Contact:
    return make_contact()


@pytest.fixture
def mia() -> User:
    return make_user(name="Mia")


@pytest.fixture
def max_() -> User:
    return make_user(name="Max", digest="at_once")


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a function that sweeps at a moment of the clock, and returns the mails it sent."""

    def sweep(*moment: int) -> list[Any]:
        now = datetime.datetime(*moment, tzinfo=UTC)
        monkeypatch.setattr(digest.timezone, "now", lambda: now)
        mail.outbox.clear()
        sweep_digests.apply(throw=True)
        return list(mail.outbox)

    return sweep


def write(contact: Contact, author: User, body: str, *moment: int) -> Comment:
    pk = uuid7()
    with acting(actor=author, channel="web"):
        Comment.add(contact, author=author, body=body, pk=pk)
    if moment:
        newest = Notification.objects.order_by("-pk")[:1]
        Notification.objects.filter(pk__in=newest.values("pk")).update(
            at=datetime.datetime(*moment, tzinfo=UTC)
        )
    return Comment.objects.get(pk=pk)


def sweep() -> list[Any]:
    mail.outbox.clear()
    sweep_digests.apply(throw=True)
    return list(mail.outbox)


def test_max_reads_who_mentioned_him_where_but_not_what_was_said(
    amara: Contact, mia: User, max_: User
) -> None:
    write(amara, mia, "@Max, the **invoice** is wrong")
    [letter] = sweep()
    [(html, _type)] = letter.alternatives
    assert letter.to == ["max@annals.example"]
    assert letter.subject == "Mia mentioned you at Annals"
    [told] = Notification.objects.of(max_)
    for text in (letter.body, html):
        assert "Mia mentioned you on Amara Okonkwo" in text
        assert f"{amara.get_absolute_url()}?at={told.event_id}" in text
        assert "/preferences/#told" in text
        assert "invoice" not in text
    assert "/preferences/" in letter.extra_headers["List-Unsubscribe"]
    assert sweep() == []


def test_what_was_read_or_deleted_meanwhile_is_left_out(
    amara: Contact, mia: User, max_: User
) -> None:
    write(amara, mia, "@Max one")
    Notification.objects.of(max_).mark_read()
    write(amara, mia, "@Max two").remove(by=mia)
    assert sweep() == []
    Follow.objects.follow(max_, amara)
    write(amara, mia, "Three")
    Message.receive(amara, body="Four", address="amara@calder.example")
    [letter] = sweep()
    assert letter.subject == "Annals: 2 new things in your inbox"
    assert "Amara Okonkwo: Comment added (Mia, " in letter.body
    assert re.search(r"Amara Okonkwo: Reply received \(\d", letter.body)
    assert not re.search("Three|Four", letter.body)


def test_many_things_are_one_mail_that_tells_thirty(amara: Contact, mia: User, max_: User) -> None:
    for number in range(32):
        write(amara, mia, f"@Max {number}")
    [letter] = sweep()
    assert letter.subject == "Annals: 32 new things in your inbox"
    assert letter.body.count("mentioned you on") == 30
    assert "There are 2 more in your inbox." in letter.body


def test_every_hour_there_is_one_mail_at_most(
    amara: Contact, mia: User, max_: User, at: Any
) -> None:
    User.objects.filter(pk=max_.pk).update(digest="hourly")
    write(amara, mia, "@Max one", 2026, 3, 2, 9, 40)
    assert at(2026, 3, 2, 9, 59) == []
    assert len(at(2026, 3, 2, 10, 1)) == 1
    write(amara, mia, "@Max, committed late", 2026, 3, 2, 9, 59)
    write(amara, mia, "@Max two", 2026, 3, 2, 10, 2)
    assert at(2026, 3, 2, 10, 30) == []
    [letter] = at(2026, 3, 2, 11, 0)
    assert letter.body.count("mentioned you on") == 2


def test_every_day_it_comes_at_eight_where_max_is(
    amara: Contact, mia: User, max_: User, at: Any
) -> None:
    User.objects.filter(pk=max_.pk).update(digest="daily", time_zone="Asia/Tokyo")
    write(amara, mia, "@Max one", 2026, 3, 1, 23, 30)  # 8:30 on the 2nd in Tokyo
    assert at(2026, 3, 2, 22, 59) == []
    [letter] = at(2026, 3, 2, 23, 0)  # 8:00 on the 3rd
    assert "2 March 2026, 08:30" in letter.body


def test_who_wants_none_left_or_sees_no_contacts_is_not_mailed(
    amara: Contact, mia: User, max_: User
) -> None:
    write(amara, mia, "@Max")
    User.objects.filter(pk=max_.pk).update(digest="never")
    assert sweep() == []
    User.objects.filter(pk=max_.pk).update(digest="at_once", is_active=False)
    assert sweep() == []
    User.objects.filter(pk=max_.pk).update(is_active=True)
    User.objects.get(pk=max_.pk).groups.clear()
    assert sweep() == []


def test_it_is_written_in_the_language_of_who_gets_it(
    amara: Contact, mia: User, max_: User
) -> None:
    User.objects.filter(pk=max_.pk).update(language="ar")
    write(amara, mia, "@Max")
    [letter] = sweep()
    [(html, _type)] = letter.alternatives
    assert 'dir="rtl"' in html


@pytest.mark.parametrize(
    ("error", "is_tried_again"), [(NotNow, True), (Refused, False), (Uncertain, False)]
)
def test_a_mail_is_tried_again_where_it_certainly_did_not_leave_and_was_not_refused(
    mia: User, max_: User, monkeypatch: pytest.MonkeyPatch, error: Any, is_tried_again: bool
) -> None:
    write(make_contact(), mia, "@Max")

    def fail(*args: Any) -> int:
        raise error("The server is away.")

    with monkeypatch.context() as broken:
        broken.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", fail)
        assert sweep() == []
    assert bool(sweep()) is is_tried_again


def test_a_name_with_markup_stays_a_name(mia: User, max_: User) -> None:
    contact = make_contact(given_name="<i>O'Brien</i>", family_name="")
    write(contact, mia, "@Max")
    [letter] = sweep()
    assert "<i>O'Brien</i>" in letter.body
    assert "&lt;i&gt;O&#x27;Brien&lt;/i&gt;" in letter.alternatives[0][0]


def test_the_period_of_a_day_is_told_by_the_clock_there(max_: User) -> None:
    max_.time_zone = "Europe/Berlin"
    before, after = (datetime.datetime(2026, 3, 29, hour, tzinfo=UTC) for hour in (5, 6))
    assert digest._morning(max_, before) == datetime.datetime(2026, 3, 28, 7, tzinfo=UTC)
    assert digest._morning(max_, after) == datetime.datetime(2026, 3, 29, 6, tzinfo=UTC)
    assert timezone.is_aware(digest._morning(max_, after))
