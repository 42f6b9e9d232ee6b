"""What bulk actions do to each contact."""

from typing import Any

import pytest
from django.db import connection
from django.template.loader import select_template
from django.utils import translation
from django.utils.translation import gettext

from activity.models import ActivityEvent
from contacts.models import BulkRun, Contact, Delivery, Invitation, Message, Tag, bulk_finished
from contacts.models.bulk_action import addressed
from tests.builders import make_contact, make_user
from tests.contacts.bulk_runs.running import INVITATION, LETTER, counts, finished, manager, people


def reasons(run: BulkRun) -> dict[str, str]:
    """Return {name: why} of the contacts that were left out."""
    return {str(skip.contact): skip.reason for skip in run.first_skips(100)}


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

    def test_the_log_names_it_in_the_language_of_whoever_reads(self) -> None:
        people(1)
        finished("archive", make_user("manager", "Moritz", language="de"), reason="")
        event = ActivityEvent.objects.get(verb="bulk.finished")
        assert event.payload["action"] == "Archive"
        page = select_template(event.templates)
        with translation.override("en"):
            assert "finished a bulk action: Archive" in page.render({"event": event})
        with translation.override("de"):
            assert f": {gettext('Archive')}" in page.render({"event": event})
            assert gettext("Archive") != "Archive"


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
