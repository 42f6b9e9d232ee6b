"""Administrators act on mails, invitations and runs in Django admin, and each act has its event."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from uuid_utils.compat import uuid7

from accounts.models import User
from activity.models import ActivityEvent, ActivityExport
from contacts.models import BulkRun, Contact, Delivery, ImportRun, Invitation
from tests.builders import make_contact, make_user
from tests.contacts.outbox import ana, invitation, message, share

pytestmark = pytest.mark.django_db
DELIVERIES = "/admin/contacts/delivery/"
INVITATIONS = "/admin/contacts/invitation/"
LISTS = (
    DELIVERIES,
    INVITATIONS,
    "/admin/contacts/importrun/",
    "/admin/contacts/bulkrun/",
    "/admin/contacts/deletedcontact/",
    "/admin/activity/activityexport/",
)


@pytest.fixture
def ada(client: Client) -> User:
    ada = make_user(name="Ada")
    client.force_login(ada)
    return ada


def text_of(client: Client, path: str, **query: str) -> str:
    answer = client.get(path, query, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def act(client: Client, path: str, action: str, *rows: Any) -> str:
    """Choose rows of a list, do something with them, and return the page that follows."""
    chosen = {"action": action, "_selected_action": [str(row.pk) for row in rows]}
    return client.post(path, chosen, follow=True).content.decode()


def newest_events(count: int) -> list[tuple[str, Any]]:
    """Return verb and actor of the newest events, the oldest of them first."""
    rows = ActivityEvent.objects.order_by("-id").values_list("verb", "actor_id")[:count]
    return list(rows)[::-1]


def ended(delivery: Delivery, how: str, *told: str) -> Delivery:
    getattr(Delivery.claim(delivery.pk)[0], how)(*told)
    return delivery


def test_mails_that_did_not_arrive_are_sent_again(client: Client, ada: User) -> None:
    failed = ended(message(), "failed", "No such user here.")
    lost = ended(share(ana(emails=["b@calder.example"])), "lost")
    sent = ended(message(ana(emails=["c@calder.example"])), "sent")
    text = act(client, DELIVERIES, "send_again", failed, lost, sent)
    assert "2 mails are sent again." in text
    assert "With 1 of them there was nothing to do" in text
    assert newest_events(2) == [("message.retried", ada.pk), ("share.resent", ada.pk)]
    assert Delivery.objects.filter(state="queued").count() == 2


def test_mails_nobody_knows_of_are_noted_as_arrived(client: Client, ada: User) -> None:
    lost, queued = ended(message(), "lost"), message(ana(emails=["b@calder.example"]))
    assert "Noted that 1 mail arrived." in act(client, DELIVERIES, "note_arrived", lost, queued)
    assert newest_events(1) == [("message.confirmed", ada.pk)]
    assert Delivery.objects.get(pk=lost.pk).state == "sent"
    assert Delivery.objects.get(pk=queued.pk).state == "queued"


def test_mails_are_taken_back_before_they_leave(client: Client, ada: User) -> None:
    written, invited = message(), invitation(ana(emails=["b@calder.example"]))
    shared = share(ana(emails=["c@calder.example"]))
    sent = ended(message(ana(emails=["d@calder.example"])), "sent")
    text = act(client, DELIVERIES, "take_back", written, invited, shared, sent)
    assert "2 mails are taken back." in text
    assert "With 2 of them there was nothing to do" in text
    assert newest_events(2) == [("message.cancelled", ada.pk), ("invitation.revoked", ada.pk)]
    states = dict(Delivery.objects.values_list("pk", "state"))
    assert states == {
        written.pk: "cancelled", invited.pk: "cancelled", shared.pk: "queued", sent.pk: "sent",
    }  # fmt: skip


def test_what_may_not_leave_is_said_and_nothing_else_is_held_up(client: Client, ada: User) -> None:
    contact = ana()
    blocked = ended(message(contact), "failed", "No such user here.")
    fine = ended(message(ana(emails=["b@calder.example"])), "failed", "No such user here.")
    Contact.objects.get(pk=contact.pk).archive()
    text = act(client, DELIVERIES, "send_again", blocked, fine)
    assert "1 mail is sent again." in text
    assert "archived" in text
    assert Delivery.objects.filter(state="queued").count() == 1


def test_mails_are_found_by_state_kind_age_and_what_was_typed(client: Client, ada: User) -> None:
    written, invited = message(), invitation(ana(given_name="Bo"), email="bo@other.example")
    ended(written, "failed", "No such user here.")

    def found(**query: str) -> set[Any]:
        rows = client.get(DELIVERIES, query).context["cl"].result_list
        return {row.pk for row in rows}

    assert found(kind="invitation") == {invited.pk}
    assert found(kind="message") == found(state="failed") == {written.pk}
    assert found(kind="share") == found(age="older") == set()
    assert found(age="hour") == found(kind="unheard of") == {written.pk, invited.pk}
    for typed in (invited.mail_id, str(invited.contact_id), str(invited.pk), "BO@other.example"):
        assert found(q=typed) == {invited.pk}


def test_invitations_are_sent_again_and_revoked(client: Client, ada: User) -> None:
    first = invitation().invitation
    second = invitation(ana(emails=["b@calder.example"]), email="b@calder.example").invitation
    Delivery.claim(first.deliveries.get().pk)[0].sent()
    text = act(client, INVITATIONS, "send_again", first)
    assert "1 invitation is sent again." in text
    assert newest_events(1) == [("invitation.resent", ada.pk)]
    assert "2 invitations are revoked." in act(client, INVITATIONS, "revoke", first, second)
    assert newest_events(2) == [("invitation.revoked", ada.pk)] * 2
    assert set(Invitation.objects.values_list("state", flat=True)) == {"revoked"}
    assert "nothing to do" in act(client, INVITATIONS, "revoke", first)
    assert "b@calder.example" not in text_of(client, INVITATIONS, q="ana@calder.example")
    assert "b@calder.example" in text_of(client, INVITATIONS, q=str(second.contact_id))
    assert "b@calder.example" in text_of(client, f"{INVITATIONS}{second.pk}/change/")


def test_runs_show_their_progress_and_lead_to_their_pages(client: Client, ada: User) -> None:
    told = {"state": "failed", "done": 7, "total": 9, "failed": 3, "problem": "It is no CSV."}
    kept = {"format": "csv", "started_by": ada, "digest": "0" * 64}
    run = ImportRun.objects.create(name="people.csv", **told, **kept)
    bulk = BulkRun.select("archive", Contact.objects.filter(pk=make_contact().pk), ada)
    export = ActivityExport.objects.create(made_by=ada, format="csv", query="q=quillfeather")
    text = text_of(client, "/admin/contacts/importrun/")
    for words in ("people.csv", "Failed", "7 / 9", run.get_absolute_url()):
        assert words in text
    text = text_of(client, f"/admin/contacts/importrun/{run.pk}/change/")
    assert "It is no CSV." in text
    assert f"/imports/{run.pk}/failures.csv" in text
    assert bulk.get_absolute_url() in text_of(client, "/admin/contacts/bulkrun/")
    assert "0 / 1" in text_of(client, f"/admin/contacts/bulkrun/{bulk.pk}/change/")
    text = text_of(client, f"/admin/activity/activityexport/{export.pk}/change/")
    assert "CSV" in text
    assert "quillfeather" not in text


def test_receipts_of_deleted_contacts_are_shown(client: Client, ada: User) -> None:
    contact = make_contact(given_name="Quillfeather")
    pk = contact.pk
    contact.delete()
    text = text_of(client, "/admin/contacts/deletedcontact/", q=str(pk))
    assert str(pk) in text
    assert f"/contacts/{pk}/" in text_of(client, f"/admin/contacts/deletedcontact/{pk}/change/")


@pytest.mark.parametrize("name", ["Max", "Mia", "Vic"])
@pytest.mark.parametrize("path", LISTS)
def test_nobody_else_reads_or_does_any_of_it(client: Client, path: str, name: str) -> None:
    queued = message()
    client.force_login(User.objects.filter(name=name).first() or make_user(name=name))
    assert client.get(path).status_code in (302, 403)
    act(client, path, "take_back", queued)
    assert Delivery.objects.get().state == "queued"


@pytest.mark.parametrize("path", LISTS)
def test_nothing_is_added_changed_or_deleted_by_hand(client: Client, ada: User, path: str) -> None:
    assert client.get(f"{path}add/").status_code == 403
    delivery = invitation()
    row = delivery.invitation if path == INVITATIONS else delivery
    for part in ("change", "delete"):
        assert client.post(f"{path}{row.pk}/{part}/", {"post": "yes"}).status_code in (302, 403)
    assert "delete_selected" not in text_of(client, path)
    assert Delivery.objects.get().state == "queued"


@pytest.mark.parametrize("path", LISTS)
def test_a_list_takes_as_many_queries_for_many_as_for_one(
    client: Client, ada: User, path: str
) -> None:
    def add(number: int) -> None:
        contact = ana(emails=[f"a{number}@calder.example"])
        invitation(contact, email=f"a{number}@calder.example", inviter=make_user(name=f"P{number}"))
        by = make_user(name=f"Q{number}")
        ImportRun.objects.create(name="a.csv", format="csv", started_by=by, digest="0" * 64)
        BulkRun.select("archive", Contact.objects.filter(pk=contact.pk), by)
        ActivityExport.objects.create(made_by=by, format="csv")
        make_contact().delete()

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(path).context["cl"].result_count > 0
        return len(captured)

    add(0)
    few = queries()
    for number in range(1, 4):
        add(number)
    assert queries() == few


def test_old_mails_have_an_age(client: Client, ada: User) -> None:
    old = message()
    old.pk, old.mail_id, old._state.adding = uuid7(), "", True
    old.created_at = timezone.now() - timedelta(days=31)
    old.save()
    assert str(old.pk) in text_of(client, DELIVERIES, age="older")
    assert str(old.pk) not in text_of(client, DELIVERIES, age="month")
