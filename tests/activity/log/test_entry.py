"""An entry's own page: its record, its proof, and what each reader may see of it."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client

from activity.context import acting
from activity.ledger.sealing import seal_pending
from activity.models import ActivityEvent, LedgerCheck
from activity.recording import Draft, write
from contacts.models import Comment, Contact
from tests.activity.happenings import change, happen
from tests.activity.ledger.tampering import forge
from tests.builders import make_comment, make_contact, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def amara() -> Contact:
    return make_contact()


def newest(**wanted: Any) -> ActivityEvent:
    return ActivityEvent.objects.filter(**wanted).order_by("-id")[0]


def page_of(client: Client, event: ActivityEvent) -> str:
    answer = client.get(f"/activity/{event.uid}")
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_it_shows_the_values_the_place_and_the_verdict(client: Client, amara: Contact) -> None:
    client.force_login(make_user(name="Vic"))
    happen(amara, changes=[change("City", "Lagos", "Porto")], reason="Moved")
    event = newest(verb="contact.updated")
    waiting = page_of(client, event)
    assert "Not sealed yet" in waiting
    assert "Download proof" not in waiting
    seal_pending()
    page = page_of(client, event)
    assert "Verified just now" in page
    for words in ("Lagos", "Porto", "Moved", str(event.uid), "of log 1", "Download proof"):
        assert words in page
    assert f"/activity/{event.uid}/proof" in page


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("UPDATE activity_event SET payload = payload || '{\"x\": \"y\"}' WHERE id = %s",
         "Its content is not what was recorded."),
        ("UPDATE activity_event SET payload = payload || '{\"x\": 9007199254740993}' WHERE id = %s",
         "Its content is not what was recorded."),
        ("DELETE FROM activity_checkpoint WHERE %s > 0",
         "It does not lead to the signature of the newest checkpoint."),
        ("UPDATE activity_event SET occurred_at = occurred_at - interval '1 day' WHERE id = %s",
         "What is stored of it is not what was sealed."),
        ("UPDATE activity_leaf SET hash = decode(repeat('00', 32), 'hex') WHERE event_id = %s",
         "It does not lead to the signature of the newest checkpoint."),
    ],
)  # fmt: skip
def test_what_was_changed_behind_the_guards_is_said(
    client: Client, amara: Contact, change: str, says: str
) -> None:
    client.force_login(make_user(name="Vic"))
    happen(amara, times=3)
    seal_pending()
    event = newest(verb="contact.updated")
    forge(change, event.pk)
    page = page_of(client, event)
    assert "This entry does not verify" in page
    assert says in page


def test_an_erased_entry_says_when_and_by_which(client: Client, amara: Contact) -> None:
    client.force_login(make_user(name="Vic"))
    created = newest(verb="contact.created")
    amara.delete()
    seal_pending()
    erasure = newest(verb="privacy.erased")
    page = page_of(client, created)
    assert "Its content was erased on" in page
    assert f'<a href="/activity/{erasure.uid}">entry {erasure.pk:,}</a>' in page
    assert "What is left of this entry is what was sealed" in page
    assert "deleted, see its receipt" in page


def test_the_clients_address_is_for_administrators_alone(client: Client, amara: Contact) -> None:
    with acting(actor=make_user(name="Mia"), channel="web", route="contact_archive",
                address="203.0.113.77", user_agent="Firefox 150"):  # fmt: skip
        write([Draft("contact.archived", "contact", amara.pk, amara.pk, {})])
    event = newest(verb="contact.archived")
    for name, sees in {"Ada": True, "Max": False, "Vic": False}.items():
        client.force_login(make_user(name=name))
        page = page_of(client, event)
        assert ("203.0.113.77" in page, "Firefox 150" in page) == (sees, sees)
        assert "contact_archive" in page


def test_what_is_about_the_team_is_closed_to_others(client: Client) -> None:
    ada = make_user(name="Ada")
    write([Draft("user.signed_in", "user", ada.pk, None, {"method": "password"})])
    event = newest(verb="user.signed_in")
    client.force_login(make_user(name="Max"))
    assert client.get(f"/activity/{event.uid}").status_code == 403
    client.force_login(ada)
    assert "Signed in" in page_of(client, event)


def test_neighbours_are_those_that_the_reader_may_see(client: Client, amara: Contact) -> None:
    (first,) = happen(amara)
    ada = make_user(name="Ada")
    write([Draft("user.signed_in", "user", ada.pk, None, {})])
    (last,) = happen(amara)
    client.force_login(make_user(name="Vic"))
    uids = dict(ActivityEvent.objects.values_list("id", "uid"))
    page = page_of(client, newest(id=last))
    assert f'rel="next" href="/activity/{uids[first]}"' in page
    assert 'rel="prev"' not in page


def test_a_deleted_comment_is_for_those_who_moderate(client: Client, amara: Contact) -> None:
    comment: Comment = make_comment(amara, body="Her budget is 40k")
    comment.remove(by=comment.author)
    event = newest(verb="comment.added")
    client.force_login(make_user(name="Vic"))
    page = page_of(client, event)
    assert "Her budget" not in page
    assert "This comment was deleted." in page
    client.force_login(make_user(name="Max"))
    assert "Her budget is 40k" in page_of(client, event)


def test_an_unknown_entry_is_not_found(client: Client) -> None:
    client.force_login(make_user(name="Vic"))
    assert client.get("/activity/0190a000-0000-7000-8000-000000000000").status_code == 404


def test_the_page_about_verification_says_the_true_state(client: Client, amara: Contact) -> None:
    client.force_login(make_user(name="Vic"))

    def says() -> str:
        return " ".join(client.get("/activity/verified/").content.decode().split())

    seal_pending()
    assert "Sealed, and not yet checked in full" in says()
    checked = LedgerCheck.objects.create(
        kind="verify", began_at=amara.created_at, ok=True, epoch=1, size=1
    )
    assert "Nothing missing, nothing altered" in says()
    assert "/ledger/1" in says()
    checked.ok = False
    checked.findings = [{"kind": "payload", "event": 1, "expected": "the content that was sealed"}]
    checked.save()
    assert "Something was changed or removed" in says()
    assert "the content that was sealed" in says()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM activity_checkpoint")
        assert cursor.fetchone() == (1,)


def test_without_a_key_it_says_that_nothing_is_sealed(client: Client, settings: Any) -> None:
    settings.ANNALS_LEDGER_KEY = ""
    client.force_login(make_user(name="Vic"))
    assert "The log is not sealed" in client.get("/activity/verified/").content.decode()
    assert "Not sealed" in client.get("/activity/").content.decode()
