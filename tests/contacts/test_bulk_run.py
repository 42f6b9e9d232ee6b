"""Runs of bulk actions: what they do to each contact, and what survives when a worker dies."""

import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest
from celery import current_app
from celery.contrib.testing.worker import start_worker
from django.db import IntegrityError, connection, connections, transaction
from django.utils import timezone, translation

from activity.context import acting
from activity.models import ActivityEvent
from contacts.models import (
    BulkRun,
    BulkSkip,
    Contact,
    Delivery,
    Invitation,
    Message,
    Tag,
    TooMany,
    Unselectable,
    bulk,
    bulk_finished,
    changed,
)
from contacts.models.bulk_action import addressed
from contacts.tasks import run_bulk, sweep_bulk_runs
from tests.builders import make_contact, make_user

LETTER = {"subject": "News", "body": "Hello {given_name}"}
INVITATION = {"role": "client", "note": "Have a look."}


def people(count: int, **fields: Any) -> list[Contact]:
    return Contact.objects.bulk_create(
        Contact(given_name=f"P{n}", family_name="Person", emails=[f"p{n}@b.example"], **fields)
        for n in range(count)
    )


def manager() -> Any:
    return make_user(name="Max")


def started(action: str, by: Any = None, **parameters: Any) -> BulkRun:
    """Start an action for all contacts, without a worker."""
    run = BulkRun.select(action, Contact.objects.all(), by or manager())
    run.draft(parameters)
    assert run.start(by_worker=False)
    return run


def finished(action: str, by: Any = None, **parameters: Any) -> BulkRun:
    run = started(action, by, **parameters)
    with acting(actor=run.started_by, channel="bulk"):
        run.run()
    assert run.state == "finished"
    return run


def reasons(run: BulkRun) -> dict[str, str]:
    """Return {name: why} of the contacts that were left out."""
    return {str(skip.contact): skip.reason for skip in run.first_skips(100)}


def counts(run: BulkRun) -> tuple[int, int, int]:
    return run.acted, run.skipped, run.failed


@pytest.mark.django_db
class TestActions:
    def test_archiving_writes_one_event_each_and_a_summary(self) -> None:
        people(3)
        make_contact(given_name="Gone", family_name="Already").archive()
        run = finished("archive", reason="Fair is over")
        assert counts(run) == (3, 1, 0)
        assert reasons(run) == {"Gone Already": "already"}
        events = ActivityEvent.objects.filter(verb="contact.archived", actor_id=run.started_by_id)
        assert {event.payload["reason"] for event in events} == {"Fair is over"}
        assert events.count() == events.values("contact_id").distinct().count() == 3
        summary = ActivityEvent.objects.get(verb="bulk.finished")
        assert (summary.contact_id, summary.object_id) == (None, run.pk)
        assert summary.payload["action"] == "Archive"
        assert (summary.payload["total"], summary.payload["acted"]) == (4, 3)

    def test_restoring_takes_back_from_the_archive(self) -> None:
        for contact in people(2):
            contact.archive()
        make_contact()
        assert counts(finished("restore", reason="")) == (2, 1, 0)
        assert not Contact.objects.archived().exists()

    def test_a_new_owner_takes_over_all_but_the_archived(self) -> None:
        mia = make_user(name="Mia")
        people(2)
        make_contact(family_name="Hers", owner=mia)
        make_contact(family_name="Put away").archive()
        run = finished("owner", owner=str(mia.pk))
        assert counts(run) == (2, 2, 0)
        assert reasons(run) == {"Hers": "already", "Put away": "archived"}
        assert Contact.objects.filter(owner=mia).count() == 3
        event = ActivityEvent.objects.filter(verb="contact.updated").first()
        assert event.payload["changes"][0]["new"] == "Mia"
        assert counts(finished("owner", run.started_by, owner="")) == (3, 1, 0)
        assert not Contact.objects.exclude(owner=None).exists()

    def test_tags_are_added_and_removed_whatever_their_case(self) -> None:
        Tag.remember(["VIP"])
        make_contact(given_name="Has", tags=["Vip", "Old"])
        make_contact(given_name="Neither", tags=["Other"])
        make_contact(given_name="Full", tags=[f"t{n}" for n in range(20)])
        run = finished("tag", add=["VIP", "New"], remove=["old"])
        assert reasons(run) == {"Full": "most_tags"}
        tags = {c.name: c.tags for c in Contact.objects.exclude(given_name="Full")}
        assert tags == {"Has": ["Vip", "New"], "Neither": ["Other", "VIP", "New"]}
        assert set(Tag.objects.values_list("name", flat=True)) >= {"VIP", "New"}

    def test_a_message_greets_each_by_name_and_leaves_out_who_cannot_get_it(self) -> None:
        ana, bo = people(2)
        make_contact(family_name="Away", emails=["a@b.example"]).archive()
        make_contact(family_name="Silent", emails=["s@b.example"]).opt_out(source="team")
        make_contact(family_name="Addressless")
        run = finished("message", **LETTER)
        assert counts(run) == (2, 3, 0)
        assert reasons(run) == {
            "Away": "archived",
            "Silent": "opted_out",
            "Addressless": "no_address",
        }
        bodies = dict(Message.objects.values_list("contact_id", "body"))
        assert bodies == {ana.pk: "Hello P0", bo.pk: "Hello P1"}
        recipients = Delivery.objects.values_list("recipient", flat=True)
        assert sorted(recipients) == ["p0@b.example", "p1@b.example"]
        assert ActivityEvent.objects.filter(verb="message.queued").count() == 2

    def test_invitations_leave_out_who_is_invited_or_in(self) -> None:
        max_ = manager()
        new, living, inside = people(3)
        for contact in (living, inside):
            Invitation.send(contact, inviter=max_, email=contact.email, role="client")
        inside.invitations.get().accept(make_user(name="Ivy", role=None))
        run = finished("invite", max_, **INVITATION)
        assert counts(run) == (1, 2, 0)
        assert set(reasons(run).values()) == {"invited", "has_access"}
        assert new.invitations.get().note == "Have a look."

    def test_an_address_that_was_invited_often_enough_is_left_out(self, settings: Any) -> None:
        settings.INVITATIONS_PER_ADDRESS_A_DAY = 1
        people(1)
        make_contact(family_name="Same", emails=["p0@b.example"])
        run = finished("invite", **INVITATION)
        assert counts(run) == (1, 1, 0)
        assert set(reasons(run).values()) == {"often"}

    def test_what_is_foretold_is_what_happens(self) -> None:
        max_ = manager()
        Invitation.send(people(3)[0], inviter=max_, email="p0@b.example", role="client")
        make_contact(family_name="Away", emails=["a@b.example"]).archive()
        make_contact(family_name="Silent", emails=["s@b.example"]).opt_out(source="team")
        make_contact(family_name="Addressless")
        run = BulkRun.select("invite", Contact.objects.all(), max_)
        Contact.objects.get(emails=["p2@b.example"]).delete()
        assert (run.total, run.expected) == (6, 1)
        foretold = {str(reason): count for reason, count in run.outlook.items()}
        run.draft(INVITATION)
        run.start(by_worker=False)
        run.run()
        assert {str(reason): count for reason, count in run.tally().items()} == foretold
        assert sum(foretold.values()) == run.skipped == 5
        assert run.acted == 1

    def test_a_contact_that_the_database_refuses_fails_alone(self, caplog: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "ALTER TABLE contacts_contact ADD CHECK (given_name <> 'P1' OR archived_at IS NULL)"
            )
        people(3)
        run = finished("archive", reason="")
        assert counts(run) == (2, 0, 1)
        assert reasons(run) == {"P1 Person": "error"}
        assert "failed for contact" in caplog.text
        assert ActivityEvent.objects.filter(verb="contact.archived").count() == 2

    def test_undo_restores_exactly_those_that_were_archived(self) -> None:
        people(2)
        make_contact(given_name="Long", family_name="Gone").archive()
        run = finished("archive", reason="")
        back = run.undo(run.started_by)
        back.run()
        assert counts(back) == (2, 0, 0)
        assert [contact.name for contact in Contact.objects.archived()] == ["Long Gone"]
        assert back.undo(run.started_by) is None

    def test_the_summary_and_the_events_are_in_the_language_of_who_started_it(self) -> None:
        people(1)
        seen = []

        def note(**_kwargs: Any) -> None:
            seen.append(translation.get_language())

        bulk_finished.connect(note)
        finished("archive", make_user("manager", "Moritz", language="de"), reason="")
        bulk_finished.disconnect(note)
        assert seen == ["de"]


@pytest.mark.parametrize(
    ("text", "fields", "said"),
    [
        ("Hi {given_name}", {"given_name": "Ana"}, "Hi Ana"),
        ("Hi {name}", {"given_name": "Ana", "family_name": "Ruiz"}, "Hi Ana Ruiz"),
        ("Hi {given_name}", {"organisation": "Calder & Wren"}, "Hi Calder & Wren"),
        ("Hi {other} {}", {"given_name": "Ana"}, "Hi {other} {}"),
        ("{name}", {"given_name": "{given_name}", "family_name": "X"}, "{given_name} X"),
        ("{name}", {"given_name": "A\n\n# B"}, "A # B"),
        ("{name}", {"given_name": "[a](http://b.example)"}, r"\[a\](http://b.example)"),
        ("{given_name.__class__}", {"given_name": "Ana"}, "{given_name.__class__}"),
    ],
)
def test_a_name_in_a_text_is_nothing_but_a_name(text: str, fields: Any, said: str) -> None:
    if "_" in said:
        said = said.replace("given_name} X", r"given\_name} X")
    assert addressed(text, Contact(**fields)) == said


@pytest.mark.django_db
class TestLimits:
    def test_nobody_and_too_many_are_refused_with_a_sentence(self, monkeypatch: Any) -> None:
        monkeypatch.setattr(bulk, "MOST_CONTACTS", 2)
        max_ = manager()
        with pytest.raises(Unselectable, match="Choose at least one"):
            BulkRun.select("archive", Contact.objects.all(), max_)
        people(2)
        assert BulkRun.select("archive", Contact.objects.all(), max_).total == 2
        people(1)
        with pytest.raises(Unselectable, match="more than 2 contacts"):
            BulkRun.select("archive", Contact.objects.all(), max_)

    def test_the_selection_stays_what_it_was(self) -> None:
        people(2)
        run = started("archive", reason="")
        make_contact()
        run.run()
        assert (run.total, run.acted) == (2, 2)
        assert Contact.objects.active().count() == 1

    def test_a_bulk_action_is_not_held_up_by_the_limit_of_single_invitations(
        self, settings: Any
    ) -> None:
        settings.INVITATIONS_PER_HOUR = 1
        people(3)
        run = started("invite", **INVITATION)
        BulkRun.objects.update(started_at=timezone.now() - timedelta(hours=2))  # it takes long
        run.run()
        assert counts(run) == (3, 0, 0)

    def test_a_bulk_action_takes_nothing_from_the_limit_of_single_invitations(
        self, settings: Any
    ) -> None:
        settings.INVITATIONS_PER_HOUR = 1
        people(3)
        run = finished("invite", **INVITATION)
        later = make_contact(emails=["later@b.example"])
        send = {"inviter": run.started_by, "role": "client"}
        Invitation.send(later, email="later@b.example", **send)
        with pytest.raises(TooMany):
            Invitation.send(later, email="other@b.example", **send)

    def test_invitations_in_bulk_have_a_limit_for_the_day(self, settings: Any) -> None:
        settings.INVITATIONS_IN_BULK_A_DAY = 3
        people(2)
        run = finished("invite", **INVITATION)
        Contact.objects.get(emails=["p0@b.example"]).delete()
        for n in range(2):
            make_contact(emails=[f"q{n}@b.example"])
        again = BulkRun.select("invite", Contact.objects.all(), run.started_by)
        again.draft(INVITATION)
        assert again.expected == 2
        with pytest.raises(TooMany, match="you have sent 2"):
            again.start()
        BulkRun.objects.update(started_at=timezone.now() - timedelta(days=2))
        again.refresh_from_db()
        assert again.start(by_worker=False)

    def test_who_may_not_do_it_any_more_does_not(self) -> None:
        people(1)
        run = started("invite", make_user("manager", "Moritz"), role="team", note="")
        run.run()
        assert (run.state, run.done) == ("failed", 0)
        assert "may not do it" in run.problem
        run = started("archive", make_user("manager", "Mona"), reason="")
        type(run.started_by).objects.filter(pk=run.started_by_id).update(is_active=False)
        BulkRun.objects.get(pk=run.pk).run()
        assert not Contact.objects.archived().exists()

    def test_starting_and_stopping_twice_do_it_once(self) -> None:
        people(1)
        run = started("archive", reason="")
        assert not run.start()
        assert run.stop()
        assert not run.stop()
        run.run()
        assert (run.state, run.done) == ("stopped", 0)

    def test_one_that_gets_nowhere_is_given_up(self) -> None:
        people(1)
        run = started("archive", reason="")
        BulkRun.objects.update(attempts=bulk.MOST_ATTEMPTS)
        run.run()
        assert run.state == "failed"
        assert "5 times" in run.problem

    def test_the_sweep_forgets_drafts_that_nobody_started(self) -> None:
        people(1)
        max_ = manager()
        old, new = (BulkRun.select("archive", Contact.objects.all(), max_) for _ in range(2))
        BulkRun.objects.filter(pk=old.pk).update(touched_at=timezone.now() - timedelta(days=2))
        sweep_bulk_runs()
        assert list(BulkRun.objects.all()) == [new]


@pytest.mark.django_db(transaction=True)
class TestWithoutAWorker:
    @pytest.mark.parametrize(
        ("action", "parameters"), [("message", LETTER), ("invite", INVITATION)]
    )
    def test_a_killed_worker_writes_to_nobody_twice_and_forgets_nobody(
        self, action: str, parameters: Any
    ) -> None:
        """The process dies in the middle of a contact, its mail queued and not yet committed."""
        people(20)
        run = started(action, **parameters)
        program = f"""
import os, signal, sys
sys.path.insert(0, {str(Path.cwd())!r})
from django.conf import settings
settings.DATABASES["default"]["NAME"] = {connection.settings_dict["NAME"]!r}
import django
django.setup()
from django.db.models.signals import post_save
from contacts.models import BulkRun, Delivery
seen = []
def die(sender, **kwargs):
    seen.append(sender)
    if len(seen) > 7:
        os.kill(os.getpid(), signal.SIGKILL)
post_save.connect(die, sender=Delivery)
BulkRun.objects.get(pk={str(run.pk)!r}).run()
"""
        died = subprocess.run([sys.executable, "-c", program], env=os.environ, check=False)
        assert died.returncode == -signal.SIGKILL
        run.refresh_from_db()
        assert (run.state, run.done, Delivery.objects.count()) == ("running", 7, 7)

        BulkRun.objects.update(touched_at=timezone.now() - timedelta(minutes=2))
        assert list(BulkRun.objects.abandoned()) == [run]
        run_bulk(str(run.pk))
        run.refresh_from_db()
        assert (run.state, *counts(run)) == ("finished", 20, 0, 0)
        recipients = Delivery.objects.values_list("recipient", flat=True)
        assert len(recipients) == len(set(recipients)) == 20
        assert ActivityEvent.objects.filter(verb="bulk.finished").count() == 1

    def test_an_error_in_the_middle_leaves_the_rest_for_the_next_attempt(self) -> None:
        people(5)
        run = started("message", **LETTER)
        seen: list[Any] = []

        def fail(sender: Any, changes: list[Any], **kwargs: Any) -> None:
            seen.extend(changes)
            if len(seen) == 3:
                raise RuntimeError("the power is gone")

        changed.connect(fail)
        with pytest.raises(RuntimeError):
            run_bulk(str(run.pk))
        assert Message.objects.count() == 2
        run_bulk(str(run.pk))
        changed.disconnect(fail)
        run.refresh_from_db()
        assert (run.state, run.acted) == ("finished", 5)
        assert Message.objects.count() == Delivery.objects.count() == 5

    def test_the_cursor_set_back_sends_no_message_again(self) -> None:
        people(3)
        run = finished("message", **LETTER)
        assert run.parameters == {}  # a text goes with its messages
        BulkRun.objects.update(state="running", done=0, acted=0, parameters=LETTER)
        run_bulk(str(run.pk))
        assert Message.objects.count() == Delivery.objects.count() == 3

    def test_two_workers_at_one_run_do_everything_once(self) -> None:
        people(40)
        run = started("archive", reason="")
        together = Barrier(2)

        def work() -> None:
            together.wait()
            run_bulk(str(run.pk))
            connections.close_all()

        workers = [Thread(target=work) for _ in range(2)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        run.refresh_from_db()
        assert (run.state, *counts(run)) == ("finished", 40, 0, 0)
        assert ActivityEvent.objects.filter(verb="contact.archived").count() == 40

    def test_stopping_takes_effect_at_the_next_batch(self, monkeypatch: Any) -> None:
        monkeypatch.setattr(bulk, "BATCH", 2)
        people(5)
        run = started("archive", reason="")
        seen: list[Any] = []

        def stop(sender: Any, changes: list[Any], **kwargs: Any) -> None:
            seen.extend(changes)
            if len(seen) == 2:
                transaction.on_commit(lambda: BulkRun.objects.get(pk=run.pk).stop())

        changed.connect(stop)
        run_bulk(str(run.pk))
        changed.disconnect(stop)
        run.refresh_from_db()
        assert (run.state, run.done, run.left) == ("stopped", 2, 3)
        assert Contact.objects.archived().count() == 2
        assert ActivityEvent.objects.get(verb="bulk.finished").payload["state"] == "stopped"

    def test_a_contact_deleted_meanwhile_is_left_out(self) -> None:
        people(2)
        run = started("archive", reason="")
        Contact.objects.get(given_name="P0").delete()
        run_bulk(str(run.pk))
        assert BulkSkip.objects.get().reason == "deleted"
        assert run.first_skips(1)[0].contact is None

    def test_a_contact_merged_meanwhile_is_left_out_and_not_called_deleted(self) -> None:
        people(2)
        run = started("archive", reason="")
        Contact.objects.get(given_name="P1").absorb(Contact.objects.get(given_name="P0"), {})
        run_bulk(str(run.pk))
        assert BulkSkip.objects.get().reason == "merged"
        assert Contact.objects.archived().get().given_name == "P1"

    def test_a_thousand_contacts_cost_the_same_few_queries_each(self) -> None:
        people(1_000)
        run = started("archive", reason="")
        spent = []

        def count(execute: Any, *args: Any) -> Any:
            spent.append(1)
            return execute(*args)

        with connection.execute_wrapper(count):
            run.run()
        assert run.acted == 1_000
        assert len(spent) <= 1_000 + 5 * 14 + 20

    def test_a_run_that_is_gone_is_no_error(self) -> None:
        run_bulk("0190a000-0000-7000-8000-000000000000")

    def test_a_contact_is_left_out_once_only(self) -> None:
        people(1)
        run = started("archive", reason="")
        skip = {"run": run, "contact_id": run.contact_ids[0], "reason": "already"}
        BulkSkip.objects.create(**skip)
        with pytest.raises(IntegrityError):
            BulkSkip.objects.create(**skip)


@pytest.mark.django_db(transaction=True)
def test_a_worker_picks_up_what_was_started_and_what_was_abandoned() -> None:
    people(3)
    lost = started("archive", reason="")
    BulkRun.objects.update(touched_at=timezone.now() - timedelta(minutes=2))
    fresh = BulkRun.select("tag", Contact.objects.all(), lost.started_by)
    fresh.draft({"add": [], "remove": ["None"]})
    over = Barrier(2)
    ended = []

    def note(run: BulkRun, **kwargs: Any) -> None:
        ended.append(run.pk)
        if len(ended) == 2:
            transaction.on_commit(over.wait)

    bulk_finished.connect(note)
    try:
        with start_worker(current_app, perform_ping_check=False, pool="solo", loglevel="ERROR"):
            with transaction.atomic():
                fresh.start()
            sweep_bulk_runs()
            over.wait(timeout=30)
    finally:
        bulk_finished.disconnect(note)
    assert set(BulkRun.objects.values_list("state", flat=True)) == {"finished"}
    event = ActivityEvent.objects.filter(verb="contact.archived").first()
    assert event.actor_id == lost.started_by_id
