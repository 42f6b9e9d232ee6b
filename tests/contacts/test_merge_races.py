"""Two people merge, edit or erase at once: nothing happens twice, and nobody waits for ever."""

from functools import partial

import pytest
from django.test import Client
from django.urls import reverse

from activity.models import ActivityEvent
from contacts.mail import deliver
from contacts.models import Contact, DeletedContact
from tests.builders import make_contact, make_user
from tests.contacts import outbox
from tests.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 4


@pytest.fixture
def people() -> list:
    return [make_user(name="Max"), make_user("manager", name="Moe")]


def post(user, name: str, *pks, **typed):
    client = Client()
    client.force_login(user)
    return lambda: client.post(reverse(name, args=pks), typed).status_code


def merging(user, one: Contact, two: Contact):
    versions = {"version": one.version, "other_version": two.version}
    return post(user, "contact_merge", one.pk, two.pk, **versions)


def pair() -> tuple[Contact, Contact]:
    return make_contact(given_name="Amara"), make_contact(given_name="Amara")


def count(verb: str, *contacts: Contact) -> int:
    keys = [contact.pk for contact in contacts]
    return ActivityEvent.objects.filter(verb=verb, contact_id__in=keys).count()


def test_merged_in_both_directions_at_once_one_of_them_stays(people):
    for _round in range(ROUNDS):
        one, two = pair()
        answers = at_once(merging(people[0], one, two), merging(people[1], two, one))
        assert sorted(answers) == [303, 409]
        left = Contact.objects.unmerged().filter(pk__in=[one.pk, two.pk])
        assert left.count() == 1
        assert count("contact.merged", one, two) == 2


def test_three_that_are_merged_in_a_circle_never_wait_for_each_other(people):
    for _round in range(ROUNDS):
        one, two = pair()
        three = make_contact(given_name="Amaara")
        circle = [(one, two), (two, three), (three, one)]
        answers = at_once(*(merging(people[0], *each) for each in circle))
        assert set(answers) <= {303, 409} and 303 in answers
        assert Contact.objects.unmerged().filter(pk__in=[one.pk, two.pk, three.pk]).exists()


def test_an_edit_is_saved_or_refused_but_never_lost(people):
    for _round in range(ROUNDS):
        one, two = pair()
        edit = post(people[1], "contact_edit", two.pk, city="Leeds", version=two.version)
        merged, edited = at_once(merging(people[0], one, two), edit)
        two.refresh_from_db()
        if merged == 409:  # the edit was first: it is shown before anything is merged
            assert (edited, two.city, two.merged_into) == (303, "Leeds", None)
        else:
            assert (merged, edited, two.merged_into) == (303, 409, one.pk)


def test_merged_and_erased_at_once_nothing_is_half_gone(people):
    for _round in range(ROUNDS):
        one, two = pair()
        erase = post(people[1], "contact_delete", one.pk, confirm=one.name)
        merged, erased = at_once(merging(people[0], one, two), erase)
        assert (merged, erased) in {(303, 303), (410, 303)}
        assert DeletedContact.objects.filter(pk=one.pk).exists()
        assert Contact.objects.filter(pk=two.pk).exists() == (merged == 410)


def test_undone_and_erased_at_once_nobody_waits_for_ever(people):
    for _round in range(ROUNDS):
        one, two = pair()
        assert merging(people[0], one, two)() == 303
        erase = post(people[1], "contact_delete", one.pk, confirm=one.name)
        undone, erased = at_once(post(people[0], "contact_unmerge", two.pk), erase)
        assert (undone, erased) in {(303, 303), (410, 303)}
        assert Contact.objects.filter(pk=two.pk).exists() == (undone == 303)


def test_a_mail_leaves_or_is_stopped_when_its_contact_is_merged_into_one_that_wants_none(people):
    for _round in range(ROUNDS):
        one, two = make_contact(given_name="Amara"), outbox.ana()
        mail = outbox.message(two)
        Contact.objects.get(pk=one.pk).opt_out(source="team")
        one.refresh_from_db()
        merged, _sent = at_once(merging(people[0], one, two), partial(deliver, mail.pk))
        assert merged == 303
        assert outbox.state(mail) in {"sent", "cancelled"}
        two.refresh_from_db()
        assert two.survivor.do_not_contact_at
