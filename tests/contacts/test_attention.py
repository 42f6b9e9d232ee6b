"""What waits for somebody to act, and what does so no more."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from contacts import attention
from contacts.models import BulkRun, Contact, Delivery, ImportRun, Message
from tests.builders import make_contact, make_user
from tests.contacts.outbox import ANA, ana, invitation, message, mia, share

pytestmark = pytest.mark.django_db


def end(delivery: Delivery, state: str) -> Delivery:
    Delivery.objects.filter(pk=delivery.pk).update(state=state, error="Their mailbox is full.")
    return delivery


def troubled(user: Any = None) -> set[Any]:
    return {mail.pk for mail in attention.troubled_mails(user)}


def received(contact: Contact, body: str = "When?", **fields: Any) -> Message:
    return Message.receive(contact, body=body, address=contact.email, **fields)


def unanswered(user: Any = None) -> list[str]:
    return [each.beginning for each in attention.unanswered(user)]


@pytest.mark.parametrize("state", ["failed", "bounced", "uncertain"])
@pytest.mark.parametrize("make", [message, invitation, share])
def test_a_mail_that_did_not_arrive_waits(make: Any, state: str) -> None:
    mail = end(make(), state)
    assert troubled() == {mail.pk}
    assert troubled(mia()) == {mail.pk}


@pytest.mark.parametrize("state", ["queued", "sending", "sent", "cancelled"])
def test_a_mail_that_is_on_its_way_or_arrived_does_not(state: str) -> None:
    end(message(), state)
    assert not troubled()


def test_a_mail_that_was_sent_again_waits_no_more() -> None:
    first = end(message(), "bounced")
    again = Message.objects.get(pk=first.message_id)
    assert again.retry("ana@new.example")
    assert not troubled()
    end(again.delivery, "failed")
    assert troubled() == {again.delivery.pk}


def test_an_invitation_that_was_taken_back_waits_no_more() -> None:
    mail = end(invitation(), "bounced")
    mail.invitation.revoke()
    assert not troubled()


@pytest.mark.parametrize("what", ["archive", "opt_out"])
def test_to_a_contact_that_is_put_away_nothing_waits(what: str, settings: Any) -> None:
    contact = ana()
    end(message(contact), "failed")
    received(contact)
    settings.INVITATION_DAYS = 1
    invitation(contact)
    assert troubled()
    assert unanswered()
    assert attention.ending_invitations(None)
    if what == "archive":
        contact.archive("Moved")
        assert not unanswered()
    else:
        contact.opt_out(source="team")
    assert not troubled()
    assert not attention.ending_invitations(None)


def test_what_is_older_than_a_month_waits_no_more() -> None:
    for days in (29, 31):
        at = timezone.now() - timedelta(days=days)
        written = Message.receive(ana(), body=f"{days} days ago", created_at=at)
        mail = {"contact": written.contact, "message": written, "recipient": written.contact.email}
        Delivery(**mail, state="failed", created_at=at).save(force_insert=True)
    assert len(troubled()) == 1
    assert unanswered() == ["29 days ago"]


def test_what_is_somebodys_is_what_they_sent_or_is_about_their_contacts() -> None:
    ben = make_user(name="Ben")
    theirs = ana(owner=ben)
    mails = {end(message(theirs), "failed").pk, end(message(ana()), "failed").pk}
    assert troubled(mia()) == mails
    assert troubled(ben) == {each for each in mails if each in troubled(ben)}
    assert len(troubled(ben)) == 1
    received(theirs, "To Ben")
    received(ana(), "To nobody")
    assert unanswered(ben) == ["To Ben"]
    assert not unanswered(mia())
    assert set(unanswered()) == {"To Ben", "To nobody"}


def test_an_answer_to_ones_own_message_is_ones_own() -> None:
    sent = message().message
    received(sent.contact, "Yes", in_reply_to=sent)
    assert unanswered(mia()) == ["Yes"]


def test_a_question_waits_until_somebody_writes_back() -> None:
    contact = ana()
    received(contact, "First")
    received(contact, "Second")
    assert unanswered() == ["Second"]
    reply = message(contact)
    assert not unanswered()
    reply.message.cancel(by=mia())
    assert unanswered() == ["Second"]


def test_what_a_mailbox_answers_by_itself_does_not_wait() -> None:
    contact = ana()
    received(contact, "I am away", is_automatic=True)
    assert not unanswered()
    received(contact, "When?")
    received(contact, "I am away", is_automatic=True)
    assert unanswered() == ["When?"]


@pytest.mark.parametrize(("left", "waits"), [(2, True), (4, False), (0, False)])
def test_an_invitation_waits_in_its_last_days(left: int, waits: bool, settings: Any) -> None:
    settings.INVITATION_DAYS = left
    invitation()
    for user in (None, mia()):
        assert bool(attention.ending_invitations(user)) is waits
    assert not attention.ending_invitations(make_user(name="Ben"))


def test_an_invitation_that_was_answered_does_not_wait(settings: Any) -> None:
    settings.INVITATION_DAYS = 1
    invited = invitation().invitation
    assert attention.ending_invitations(None)
    invited.decline()
    assert not attention.ending_invitations(None)


@pytest.mark.parametrize(
    ("fields", "waits"),
    [
        ({"state": "draft"}, True),
        ({"state": "finished", "dry_run": True}, True),
        ({"state": "running", "dry_run": True}, False),
        ({"state": "finished"}, False),
    ],
)
def test_a_file_waits_until_it_is_imported(fields: dict[str, Any], waits: bool) -> None:
    max_ = make_user(name="Max")
    ImportRun.objects.create(name="fair.csv", started_by=max_, **fields)
    assert bool(attention.open_imports(None)) is bool(attention.open_imports(max_)) is waits
    assert not attention.open_imports(mia())


def test_a_bulk_action_waits_until_it_is_started() -> None:
    make_contact()
    max_ = make_user(name="Max")
    run = BulkRun.select("archive", Contact.objects.all(), max_)
    assert list(attention.open_bulk_actions(max_)) == [run]
    assert not attention.open_bulk_actions(mia())
    BulkRun.objects.update(state="finished")
    assert not attention.open_bulk_actions(None)


def test_only_the_newest_of_each_kind_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attention, "SEEN", 2)
    for _ in range(3):
        end(message(ana(emails=[ANA])), "failed")
    assert len(troubled()) == 2
