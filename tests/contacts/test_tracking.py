"""Every way to write a row through its model is logged: what, by whom, through what."""

from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import F, Value
from django.db.models.functions import Concat

from accounts.models import User
from activity.context import acting
from activity.models import ActivityEvent, ActivityOrigin
from contacts.models import Comment, Contact, StaleRow, changed
from tests.builders import make_comment, make_contact, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def amara() -> Contact:
    contact = make_contact()
    check()
    return contact


def check() -> None:
    """Have the database check what it checks at COMMIT."""
    connection.check_constraints()


def events(row: Any) -> list[ActivityEvent]:
    check()
    return list(ActivityEvent.objects.filter(object_id=row.pk).order_by("id"))


def diffs(event: ActivityEvent) -> dict[str, tuple[Any, Any]]:
    return {change["label"]: (change["old"], change["new"]) for change in event.changes}


def versions(row: Any) -> list[int]:
    return list(row.history.order_by("version").values_list("version", flat=True))


def test_saving_a_new_contact_records_its_creation(amara: Contact) -> None:
    [created] = events(amara)
    assert (created.verb, created.object_type) == ("contact.created", "contact")
    assert created.contact_id == amara.pk
    assert created.payload["name"] == "Amara Okonkwo"
    assert diffs(created) == {
        "Given name": (None, "Amara"),
        "Family name": (None, "Okonkwo"),
        "Company": (None, "Calder & Wren"),
    }


def test_saving_a_change_records_old_and_new_as_people_read_them(amara: Contact) -> None:
    mia = make_user(name="Mia")
    amara.phones, amara.owner = ["+442079460142"], mia
    amara.save()
    updated = events(amara)[-1]
    assert updated.verb == "contact.updated"
    assert diffs(updated) == {"Phone": ([], ["+44 20 7946 0142"]), "Owner": (None, "Mia")}
    assert versions(amara) == [1, 2]


def test_events_name_who_acted_through_what_and_where(amara: Contact) -> None:
    ada = make_user(name="Ada")
    with acting(actor=ada, channel="admin", route="admin:contacts_contact_change") as context:
        amara.city = "Lagos"
        amara.save()
    updated = events(amara)[-1]
    assert (updated.actor_type, updated.actor_id) == ("user", ada.pk)
    assert updated.actor_name == "Ada"
    origin = ActivityOrigin.objects.get(pk=updated.origin_id)
    assert (origin.pk, origin.channel, origin.route, origin.actor_id) == (
        context.id, "admin", "admin:contacts_contact_change", ada.pk,
    )  # fmt: skip
    assert amara.history.first().history_user_id == ada.pk


def test_without_a_context_the_system_acted(amara: Contact) -> None:
    [created] = events(amara)
    assert (created.actor_type, created.actor_id, created.who) == ("system", None, "Annals")


def test_saving_without_a_change_records_nothing(amara: Contact) -> None:
    amara.save()
    Contact.objects.get(pk=amara.pk).save()
    Contact.objects.filter(pk=amara.pk).update(given_name="Amara")
    assert [event.verb for event in events(amara)] == ["contact.created"]
    assert versions(amara) == [1]


def test_nothing_that_becomes_an_empty_text_is_no_change() -> None:
    contact = make_contact(given_name="Ben", city="", notes="")
    assert diffs(events(contact)[0]) == {"Given name": (None, "Ben")}


def test_a_queryset_update_records_each_row_that_changed(amara: Contact) -> None:
    ben = make_contact(given_name="Ben", city="Paris")
    assert Contact.objects.update(city="Paris") == 2
    assert [event.verb for event in events(ben)] == ["contact.created"]
    assert diffs(events(amara)[-1]) == {"City": ("", "Paris")}


def test_a_queryset_update_with_an_expression_records_the_result(amara: Contact) -> None:
    Contact.objects.update(city=Concat(F("given_name"), Value("ville")))
    assert diffs(events(amara)[-1]) == {"City": ("", "Amaraville")}


def test_saving_an_expression_records_the_result(amara: Contact) -> None:
    amara.city = F("given_name")
    amara.save()
    assert amara.city == "Amara"
    assert diffs(events(amara)[-1]) == {"City": ("", "Amara")}


def test_bulk_create_records_each_row() -> None:
    rows = [Contact(given_name="Ann"), Contact(given_name="Bob")]
    Contact.objects.bulk_create(rows, verb="contact.imported", details=[{"line": 2}, {"line": 3}])
    for line, row in enumerate(rows, 2):
        [imported] = events(row)
        assert (imported.verb, imported.payload["line"]) == ("contact.imported", line)
        assert versions(row) == [1]


def test_bulk_update_records_each_row(amara: Contact) -> None:
    ben = make_contact(given_name="Ben")
    amara.city, ben.city = "Lagos", "Paris"
    Contact.objects.bulk_update([amara, ben], ["city"])
    assert diffs(events(amara)[-1]) == {"City": ("", "Lagos")}
    assert diffs(events(ben)[-1]) == {"City": ("", "Paris")}


def test_get_or_create_records_a_creation_once() -> None:
    for _attempt in range(2):
        contact, _is_new = Contact.objects.get_or_create(given_name="Ann")
    assert [event.verb for event in events(contact)] == ["contact.created"]


def test_update_or_create_records_creation_and_change() -> None:
    for city in ("Lagos", "Paris", "Paris"):
        contact, _is_new = Contact.objects.update_or_create(
            given_name="Ann", defaults={"city": city}
        )
    assert [event.verb for event in events(contact)] == ["contact.created", "contact.updated"]
    assert diffs(events(contact)[-1]) == {"City": ("Lagos", "Paris")}


def test_deleting_a_queryset_records_each_row(amara: Contact) -> None:
    ben = make_contact(given_name="Ben")
    Contact.objects.all().delete()
    for contact in (amara, ben):
        verbs = ActivityEvent.objects.filter(object_id=contact.pk, verb="contact.deleted")
        assert verbs.count() == 1
    check()


def test_comments_that_go_with_their_contact_are_covered_by_its_deletion(amara: Contact) -> None:
    make_comment(amara)
    check()
    amara.delete()
    check()
    assert not Comment.objects.exists()


def test_a_copy_that_is_out_of_date_is_not_saved_over_the_row(amara: Contact) -> None:
    stale = Contact.objects.get(pk=amara.pk)
    amara.city = "Lagos"
    amara.save()
    stale.city = "Paris"
    with pytest.raises(StaleRow), transaction.atomic():
        stale.save(update_fields=["city"])
    assert Contact.objects.get().city == "Lagos"
    assert versions(amara) == [1, 2]
    assert len(events(amara)) == 2


def test_a_refused_copy_can_be_read_again_and_saved(amara: Contact) -> None:
    stale = Contact.objects.get(pk=amara.pk)
    Contact.objects.update(city="Lagos")
    stale.job_title = "Director"
    with pytest.raises(StaleRow), transaction.atomic():
        stale.save()
    stale.refresh_from_db()
    stale.job_title = "Director"
    stale.save()
    assert diffs(events(amara)[-1]) == {"Job title": ("", "Director")}


def test_only_the_named_fields_are_saved_and_recorded(amara: Contact) -> None:
    amara.city, amara.job_title = "Lagos", "Director"
    amara.save(update_fields=["city"])
    stored = Contact.objects.get()
    assert (stored.city, stored.job_title) == ("Lagos", "")
    assert diffs(events(amara)[-1]) == {"City": ("", "Lagos")}
    amara.save()
    assert Contact.objects.get().job_title == "Director"
    assert len(events(amara)) == 3


def test_fields_that_were_not_read_are_recorded_when_they_change(amara: Contact) -> None:
    partial = Contact.objects.only("id", "version").get()
    partial.given_name = "Ama"
    partial.save()
    assert diffs(events(amara)[-1]) == {"Given name": ("Amara", "Ama")}
    assert amara.history.first().family_name == "Okonkwo"


def test_values_changed_in_place_are_recorded(amara: Contact) -> None:
    amara.tags.append("VIP")
    amara.save()
    assert diffs(events(amara)[-1]) == {"Tags": ([], ["VIP"])}


@pytest.mark.django_db(transaction=True)
def test_a_receiver_that_raises_leaves_nothing_changed(amara: Contact, user: User) -> None:
    def refuse(**kwargs: Any) -> None:
        raise RuntimeError("the log is full")

    changed.connect(refuse)
    try:
        for write in (
            amara.archive,
            lambda: Contact.objects.update(city="Paris"),
            lambda: make_contact(given_name="Ben"),
            lambda: make_comment(amara, user, "Never"),
            lambda: Contact.objects.get().delete(),
        ):
            with pytest.raises(RuntimeError):
                write()
    finally:
        changed.disconnect(refuse)
    assert ActivityEvent.objects.exclude(contact_id=None).count() == 1
    assert Contact.objects.active().get().city == ""
    assert not Comment.objects.exists()


@pytest.fixture
def user() -> User:
    return make_user()


@pytest.mark.django_db(transaction=True)
def test_what_is_rolled_back_leaves_no_event_and_no_version(amara: Contact) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        amara.archive()
        _ = 1 / 0
    assert ActivityEvent.objects.count() == 1
    assert versions(amara) == [1]
