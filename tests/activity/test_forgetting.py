"""Forgetting: what an erasure takes with it besides the contact's own, and what time takes."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.sessions.models import Session
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.tasks import clear_sessions
from activity.context import acting
from activity.models import ActivityEvent, ActivityOrigin
from activity.recording import Draft, write
from activity.tasks import forget_clients
from config.celery import app
from contacts.models import Contact, Link, Share
from tests.builders import make_contact, make_user
from tests.contacts.invitations import copied_path, make_invitation
from tests.contacts.portal_people import PASSWORD, give_portal, make_amara, make_portal

pytestmark = pytest.mark.django_db
BROWSER = {"HTTP_USER_AGENT": "Amara’s phone", "REMOTE_ADDR": "192.0.2.7"}
ERASE = "UPDATE activity_event SET payload = NULL, salt = NULL, erased_by = %s WHERE id = %s"


@pytest.fixture
def amara() -> Contact:
    return make_amara()


@pytest.fixture
def account(amara: Contact) -> User:
    """Return the portal account of Amara, who has signed in and out."""
    account = make_portal(amara)
    visitor = Client(**BROWSER)
    typed = {"login": account.email, "password": PASSWORD}
    visitor.post(reverse("account_login"), typed | {"password": "wrong"})
    assert visitor.post(reverse("account_login"), typed).status_code == 302
    assert visitor.get(reverse("portal_conversation", args=[amara.pk])).status_code == 200
    return account


def without_contact(account: User) -> list[ActivityEvent]:
    """Return the events that name a user and are of no contact, but for those of the erasure."""
    events = ActivityEvent.objects.filter(contact_id=None).order_by("id")
    of_user = events.filter(object_id=account.pk) | events.filter(actor_id=account.pk)
    return list(of_user.exclude(verb__in=("privacy.erased", "user.closed")))


def erasure_of(noun: str, pk: UUID, contact_id: UUID | None = None) -> int:
    [erasure] = write([Draft("privacy.erased", noun, pk, contact_id, {"events": 1})])
    return erasure


def test_sign_ins_of_a_portal_account_are_erased_with_its_contact(
    amara: Contact, account: User
) -> None:
    before = without_contact(account)
    assert {"user.created", "user.signed_in", "user.sign_in_failed"} <= {e.verb for e in before}
    assert any("Amara" in str(event.payload) for event in before)
    with acting(actor=make_user(name="Ada"), channel="web"):
        amara.delete()
    after = without_contact(account)
    assert [event.pk for event in after][: len(before)] == [event.pk for event in before]
    assert all(event.is_erased for event in after)
    erasure = ActivityEvent.objects.get(verb="privacy.erased", object_type="user")
    assert (erasure.object_id, erasure.contact_id) == (account.pk, None)
    assert erasure.payload == {"actor": "Ada", "events": len(after)}
    assert {event.erased_by for event in after} == {erasure.pk}


def test_that_the_account_was_closed_stays_and_names_only_who_did_it(
    amara: Contact, account: User
) -> None:
    with acting(actor=make_user(name="Ada"), channel="web"):
        amara.delete()
    closed = ActivityEvent.objects.get(verb="user.closed", object_id=account.pk)
    assert closed.actor_name == "Ada"
    assert "amara" not in str(closed.payload).lower()


def test_an_account_with_another_portal_keeps_its_sign_ins(amara: Contact, account: User) -> None:
    other = make_contact(given_name="Calder", emails=[account.email])
    give_portal(other, account)
    amara.delete()
    assert not any(event.is_erased for event in without_contact(account))
    account.refresh_from_db()
    assert account.is_active


def test_the_sign_ins_of_the_team_stay(amara: Contact, account: User) -> None:
    ada = make_user(name="Ada", password="secret")
    Client().post(reverse("account_login"), {"login": ada.email, "password": "secret"})
    amara.delete()
    assert without_contact(ada)
    assert not any(event.is_erased for event in without_contact(ada))


def test_whoever_uses_a_closed_account_is_signed_out_and_its_sessions_are_gone(
    amara: Contact, account: User
) -> None:
    ada = Client()
    ada.force_login(make_user(name="Ada"))
    held = [session.get_decoded() for session in Session.objects.all()]
    assert "amara@" in str(held)
    amara.delete()
    [left] = [session.get_decoded() for session in Session.objects.all()]
    assert left["_auth_user_id"] != str(account.pk)


def test_sessions_that_are_over_are_deleted_by_schedule(client: Client) -> None:
    client.force_login(make_user(name="Ada"))
    Session.objects.update(expire_date=timezone.now())
    clear_sessions.apply(throw=True)
    assert not Session.objects.exists()
    assert clear_sessions.name in {entry["task"] for entry in app.conf.beat_schedule.values()}


def test_addresses_and_browsers_of_the_contact_go_with_it(
    amara: Contact, account: User, settings: Any
) -> None:
    mia = make_user(name="Mia")
    team = Client(REMOTE_ADDR="198.51.100.1", HTTP_USER_AGENT="The team’s browser")
    team.force_login(mia)
    team.post(reverse("contact_comments", args=[amara.pk]), {"body": "Call", "id": UUID(int=1)})
    path = copied_path(make_invitation(amara, email="ao@example.org"))
    assert Client(**BROWSER).post(f"{path}opened").status_code == 200
    opened = ActivityEvent.objects.get(verb="invitation.opened")
    assert ActivityOrigin.objects.get(pk=opened.origin_id).address == "192.0.2.7"
    share = Share.draft(
        amara, sender=mia, recipients=["bo@b.example"], fields=["name"], link_days=7
    )
    share.send()
    shared = Link.make(share=share).removeprefix(settings.SITE_URL)
    assert Client(REMOTE_ADDR="192.0.2.9").post(f"{shared}opened").status_code == 200
    assert ActivityEvent.objects.get(verb="share.link_opened").actor_type == "system"
    assert ActivityOrigin.objects.filter(address="192.0.2.9").exists()
    assert ActivityOrigin.objects.filter(address="192.0.2.7").count() == 3
    amara.delete()
    assert not ActivityOrigin.objects.filter(address__in=("192.0.2.7", "192.0.2.9")).exists()
    assert not ActivityOrigin.objects.filter(user_agent__contains="Amara").exists()
    assert ActivityOrigin.objects.filter(address="198.51.100.1").exists()


def test_what_the_administration_has_noted_about_the_account_goes(
    amara: Contact, account: User
) -> None:
    ada = make_user(name="Ada")
    LogEntry.objects.log_actions(ada.pk, [account], CHANGE, "Name changed", single_object=True)
    LogEntry.objects.log_actions(ada.pk, [ada], CHANGE, "Name changed", single_object=True)
    amara.delete()
    assert [entry.object_repr for entry in LogEntry.objects.all()] == ["Ada"]


def run(sql: str, *parameters: Any) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.rowcount


def refused(event: ActivityEvent, erasure: int) -> None:
    with pytest.raises(IntegrityError, match="events are only ever added"), transaction.atomic():
        run(ERASE, erasure, event.pk)


def test_an_event_without_contact_is_erased_only_for_whom_it_names(account: User) -> None:
    signed_in = ActivityEvent.objects.get(verb="user.signed_in", object_id=account.pk)
    mia = make_user(name="Mia")
    refused(signed_in, erasure_of("user", mia.pk))
    refused(signed_in, erasure_of("contact", account.pk))
    refused(signed_in, erasure_of("user", account.pk, contact_id=account.pk))
    assert run(ERASE, erasure_of("user", account.pk), signed_in.pk) == 1


def test_an_event_is_erased_for_who_did_it_too(account: User) -> None:
    with acting(actor=account, channel="web"):
        [viewed] = write([Draft("user.signed_out", "session", None, None, {})])
    assert run(ERASE, erasure_of("user", account.pk), viewed) == 1


def test_an_event_of_a_contact_is_not_erased_for_its_actor_alone(
    amara: Contact, account: User
) -> None:
    event = ActivityEvent.objects.get(verb="contact.created", contact_id=amara.pk)
    refused(event, erasure_of("user", account.pk))


def test_no_erasure_erases_itself_or_what_came_after_it(account: User) -> None:
    first = erasure_of("user", account.pk)
    second = erasure_of("user", account.pk)
    for event in (first, second):
        refused(ActivityEvent.objects.get(pk=event), first)
    assert run(ERASE, second, first) == 1


# Clients, in time


def origin(days: int, **fields: Any) -> ActivityOrigin:
    """Make an origin of so many days ago."""
    fields = {"address": "192.0.2.7", "user_agent": "A phone"} | fields
    return ActivityOrigin.objects.create(
        started_at=timezone.now() - timedelta(days=days), channel="web", actor_type="user", **fields
    )


def test_addresses_and_browsers_go_after_their_days(settings: Any) -> None:
    settings.ORIGIN_DAYS = 30
    old, browser, fresh = origin(31), origin(31, address=None), origin(29)
    forget_clients.apply(throw=True)
    for gone in (old, browser):
        gone.refresh_from_db()
        assert (gone.address, gone.user_agent, gone.channel) == (None, "", "web")
    fresh.refresh_from_db()
    assert (fresh.address, fresh.user_agent) == ("192.0.2.7", "A phone")


def test_they_go_in_batches_until_none_is_left(
    settings: Any, django_assert_num_queries: Any
) -> None:
    settings.ORIGIN_DAYS = 30
    for _number in range(5):
        origin(31)
    with django_assert_num_queries(2 * 3 + 1):
        assert ActivityOrigin.objects.forget_clients(batch=2) == 5
    assert ActivityOrigin.objects.forget_clients() == 0


def test_finding_the_old_ones_does_not_read_the_others(settings: Any) -> None:
    settings.ORIGIN_DAYS = 30
    overdue = ActivityOrigin.objects.traceable().filter(started_at__lt=timezone.now())
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    assert "origin_traceable" in overdue.order_by("started_at").explain()


def test_clients_are_forgotten_by_schedule() -> None:
    assert forget_clients.name in {entry["task"] for entry in app.conf.beat_schedule.values()}
