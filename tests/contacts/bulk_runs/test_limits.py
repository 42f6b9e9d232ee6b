"""What limits bulk actions: how many, how often, and for how long."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from contacts.models import BulkRun, Contact, Invitation, TooMany, Unselectable, bulk
from contacts.tasks import sweep_bulk_runs
from tests.builders import make_contact, make_user
from tests.contacts.bulk_runs.running import INVITATION, counts, finished, manager, people, started


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
