"""Taking an import back: what it added goes, unless somebody has done anything with it since."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.utils import timezone

from activity.models import ActivityEvent
from contacts.models import (
    BulkRun,
    Contact,
    DeletedContact,
    ImportedContact,
    ImportFailure,
    ImportRun,
    Tag,
    import_reverting,
    importing,
)
from contacts.models.deletion import fingerprint
from contacts.models.import_reverting import TAKEN
from contacts.tasks import run_import
from tests.builders import make_comment, make_contact, make_user
from tests.dying import die_in


def imported(text: str, existing: str = "skip") -> ImportRun:
    run = ImportRun.receive(ContentFile(text.encode(), name="fair.csv"), None)
    run.start(run.targets, existing=existing, by_worker=False)
    run.run()
    assert run.state == "finished"
    return run


def people(count: int) -> ImportRun:
    rows = "".join(f"Person {n},p{n}@b.example,fair\n" for n in range(count))
    return imported(f"Name,Email,Tags\n{rows}Bad,b@,\n")


def reverted(run: ImportRun, by: Any = None) -> ImportRun:
    assert run.revert(by or make_user(name="Max"), by_worker=False)
    run.run()
    run.refresh_from_db()
    return run


@pytest.mark.django_db
class TestRevert:
    def test_what_nobody_touched_goes_as_if_deleted_one_by_one(self, client: Client) -> None:
        run = people(3)
        gone = Contact.objects.order_by("pk").first()
        BulkRun.objects.create(
            action="tag", parameters={"add": ["x"]}, contact_ids=[gone.pk], total=1,
            started_by=make_user(name="Mia"), state="finished", finished_at=timezone.now(),
        )  # fmt: skip
        reverted(run)
        assert (run.state, run.removed, run.kept) == ("reverted", 3, 0)
        assert not Contact.objects.exists()
        assert not gone.history.model.objects.exists()
        assert not Tag.objects.exists()
        assert BulkRun.objects.get().parameters == {}
        assert DeletedContact.objects.get(pk=gone.pk).name == gone.name
        added = ActivityEvent.objects.get(contact_id=gone.pk, verb="contact.imported")
        erased = ActivityEvent.objects.get(contact_id=gone.pk, verb="privacy.erased")
        assert (added.payload, added.erased_by) == (None, erased.pk)
        assert erased.payload["events"] == 1
        receipt = ActivityEvent.objects.get(contact_id=gone.pk, verb="contact.deleted").payload
        assert receipt["reason"] == "Import reverted"
        assert (receipt["counts"]["versions"], receipt["counts"]["comments"]) == (1, 0)
        assert receipt["fingerprints"] == [fingerprint(gone.email)]
        client.force_login(make_user(name="Max", email="m@x.example"))
        page = client.get(gone.get_absolute_url())
        assert page.status_code == 410
        noted = ActivityEvent.objects.get(verb="import.reverted")
        told = {name: noted.payload[name] for name in ("file", "removed", "kept")}
        assert told == {"file": "fair.csv", "removed": 3, "kept": 0}

    @pytest.mark.parametrize("deed", ["comment", "edit", "archive", "import", "put back"])
    def test_whom_somebody_has_dealt_with_stays_and_is_listed(
        self, client: Client, deed: str
    ) -> None:
        run = people(2)
        kept = Contact.objects.get(emails=["p0@b.example"])
        if deed == "comment":
            make_comment(kept)
        elif deed == "archive":
            kept.archive()
        elif deed == "import":
            imported("Email,City\np0@b.example,York\n", "overwrite")
        else:
            kept.city = "York"
            kept.save()
        if deed == "put back":
            kept.city = ""
            kept.save()
        assert run.outlook() == {"remove": 1, "keep": 1, "gone": 0, "exact": True}
        reverted(run)
        assert (run.removed, run.kept) == (1, 1)
        assert Contact.objects.get() == kept
        client.force_login(make_user(name="Ada"))
        page = client.get(f"/imports/{run.pk}/").content.decode()
        assert f'href="{kept.get_absolute_url()}"' in page

    def test_what_it_updated_and_what_others_added_stays(self) -> None:
        amara = make_contact(given_name="Amara", emails=["amara@c.example"])
        other = make_contact(given_name="Ben")
        run = imported("Name,Email,City\nX,amara@c.example,York\nNew,n@c.example,\n", "overwrite")
        reverted(run)
        assert set(Contact.objects.all()) == {amara, other}
        amara.refresh_from_db()
        assert amara.city == "York"
        assert not ImportedContact.objects.filter(created=True).exists()

    def test_who_was_deleted_before_is_no_obstacle(self) -> None:
        run = people(2)
        Contact.objects.order_by("pk").first().delete()
        assert run.outlook() == {"remove": 1, "keep": 0, "gone": 1, "exact": True}
        reverted(run)
        assert (run.removed, run.kept, Contact.objects.count()) == (1, 0, 0)

    def test_rows_of_the_file_and_rows_of_other_files_that_name_them_are_emptied(self) -> None:
        run = people(1)
        imported("Name,Email\nX,p0@b.example\nNobody else,no\n")
        reverted(run)
        assert [row.cells for row in ImportFailure.objects.exclude(cells=[])] == [
            ["Nobody else", "no"]
        ]

    def test_asking_twice_reverts_once(self) -> None:
        run = reverted(people(2))
        assert not run.may_revert
        assert not run.revert(make_user(name="Ada"))
        run.run()
        assert ActivityEvent.objects.filter(verb="import.reverted").count() == 1

    def test_neither_a_draft_nor_a_dry_run_nor_a_running_import_can_be_reverted(self) -> None:
        run = ImportRun.receive(ContentFile(b"Name\nAmara\n,\n", name="a.csv"), None)
        assert not run.may_revert
        run.start(run.targets, dry_run=True, by_worker=False)
        assert not run.may_revert
        run.run()
        assert not run.may_revert

    def test_it_takes_turns_of_some_contacts(self, monkeypatch: Any) -> None:
        monkeypatch.setattr(import_reverting, "TAKEN", 2)
        run = people(5)
        make_comment(Contact.objects.get(emails=["p2@b.example"]))
        reverted(run)
        assert (run.removed, run.kept, run.to_remove) == (4, 1, 5)

    def test_who_lost_the_right_meanwhile_removes_nobody(self) -> None:
        run = people(1)
        max_ = make_user(name="Max")
        run.revert(max_, by_worker=False)
        max_.assign_role("member")
        ImportRun.objects.get(pk=run.pk).run()
        run.refresh_from_db()
        assert (run.state, Contact.objects.count()) == ("failed", 1)
        assert "may not do it any more" in run.problem
        assert run.may_revert

    def test_one_that_gets_nowhere_is_given_up_and_can_be_asked_for_again(self) -> None:
        run = people(1)
        run.revert(make_user(name="Max"), by_worker=False)
        ImportRun.objects.update(attempts=importing.MOST_ATTEMPTS)
        finished = ActivityEvent.objects.filter(verb="import.finished").count()
        run.run()
        run.refresh_from_db()
        assert (run.state, Contact.objects.count(), run.may_revert) == ("failed", 1, True)
        assert ActivityEvent.objects.filter(verb="import.finished").count() == finished

    def test_the_page_says_the_numbers_first(self, client: Client) -> None:
        run = people(3)
        make_comment(Contact.objects.get(emails=["p0@b.example"]))
        client.force_login(make_user(name="Max"))
        assert "Revert this import" in client.get(f"/imports/{run.pk}/").content.decode()
        page = client.get(f"/imports/{run.pk}/revert").content.decode()
        assert "2 contacts that this import added and nobody has touched since" in page
        assert "1 contact with whom somebody has done something since" in page
        assert Contact.objects.count() == 3
        answer = client.post(f"/imports/{run.pk}/revert")
        assert answer.headers["Location"] == f"/imports/{run.pk}/"
        page = client.get(f"/imports/{run.pk}/").content.decode()
        assert "Reverting the import of fair.csv" in page
        assert 'hx-trigger="every 1s"' in page
        client.post(f"/imports/{run.pk}/stop")
        run_import(str(run.pk))
        assert Contact.objects.count() == 1
        page = client.get(f"/imports/{run.pk}/").content.decode()
        assert "Reverted the import of fair.csv" in page
        assert 'hx-trigger="every' not in page
        assert client.get(f"/imports/{run.pk}/revert").status_code == 302

    def test_of_very_many_the_page_says_how_many_at_most(
        self, client: Client, monkeypatch: Any
    ) -> None:
        monkeypatch.setattr(import_reverting, "LOOKED_AT", 2)
        run = people(3)
        client.force_login(make_user(name="Max"))
        page = client.get(f"/imports/{run.pk}/revert").content.decode()
        assert "Delete up to 3 contacts for good" in page

    def test_only_who_may_delete_and_import_may_revert(self, client: Client) -> None:
        run = people(1)
        for name in ("Vic", "Mia"):
            client.force_login(make_user(name=name))
            assert client.get(f"/imports/{run.pk}/revert").status_code == 403
            assert client.post(f"/imports/{run.pk}/revert").status_code == 403
        assert Contact.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_killed_worker_leaves_nobody_half_removed() -> None:
    everybody = 2 * TAKEN + 50
    run = people(everybody)
    run.revert(make_user(name="Max"), by_worker=False)
    die_in(run, "contacts.models.deleted", Contact, after=TAKEN)
    assert (run.state, run.removed) == ("reverting", TAKEN)
    assert Contact.objects.count() == everybody - TAKEN
    ImportRun.objects.update(touched_at=timezone.now() - timedelta(minutes=2))
    assert list(ImportRun.objects.abandoned()) == [run]
    run_import(str(run.pk))
    run.refresh_from_db()
    assert (run.state, run.removed, Contact.objects.count()) == ("reverted", everybody, 0)
    assert ActivityEvent.objects.filter(verb="contact.deleted").count() == everybody
