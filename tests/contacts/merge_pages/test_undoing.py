"""Undoing a merge: what goes back, and what stays."""

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from activity.models import ActivityEvent
from tests.builders import make_comment, make_contact, make_user
from tests.contacts.merge_pages.merging import fresh, merge, text, unmerge

pytestmark = pytest.mark.django_db


def test_undone_the_fields_go_back_but_for_what_was_changed_since(client, amara, double):
    merge(client, amara, double)
    [amara] = fresh(amara)
    amara.job_title, amara.emails = "Head of facilities", [*amara.emails, "third@mail.example"]
    amara.save()
    page = text(client.get(reverse("contact_unmerge", args=[double.pk])))
    assert "Changed since the merge, so it stays with Amara Okonkwo: Job title" in page
    answer = unmerge(client, double, reason="Two cousins")
    assert answer.url == double.get_absolute_url()
    amara, double = fresh(amara, double)
    assert (amara.notes, amara.job_title) == ("Likes tea", "Head of facilities")
    assert amara.emails == ["amara@calderwren.example", "third@mail.example"]
    assert (double.merged_into, amara.merged_ids) == (None, [])
    page = text(client.get(amara.get_absolute_url()))
    assert "Changed since the merge, and kept: Job title" in page
    assert "from A. Okonkwo" not in page
    assert client.get(double.get_absolute_url()).status_code == 200


def test_undone_twice_it_is_undone_once(client, amara, double):
    merge(client, amara, double)
    assert [unmerge(client, double).status_code for _time in range(2)] == [303, 303]
    assert ActivityEvent.objects.filter(verb="contact.unmerged").count() == 2


def test_after_thirty_days_it_stays_merged(client, amara, double):
    merge(client, amara, double)
    [double] = fresh(double)
    double.merged_at = timezone.now() - timezone.timedelta(days=settings.MERGE_UNDO_DAYS, hours=1)
    double.save()
    answer = unmerge(client, double)
    assert answer.status_code == 409
    assert "could be undone until" in text(answer)
    assert fresh(double)[0].merged_into == amara.pk


def test_a_chain_is_one_timeline_and_is_undone_from_its_end(client, amara, double):
    third = make_contact(given_name="Amara", family_name="Okonkwo-Bell")
    make_comment(double, body="The oldest remark")
    merge(client, amara, double)
    merge(client, *fresh(third, amara))
    assert "The oldest remark" in text(client.get(third.get_absolute_url()))
    answer = client.get(double.get_absolute_url(), follow=True)
    assert answer.redirect_chain[-1][0] == third.get_absolute_url()
    refused = unmerge(client, double)
    assert refused.status_code == 409
    assert "Amara Okonkwo was merged into Amara Okonkwo-Bell since." in text(refused)
    assert unmerge(client, amara).status_code == 303
    amara, third = fresh(amara, third)
    assert (amara.merged_ids, third.merged_ids) == ([double.pk], [])
    assert unmerge(client, double).status_code == 303


def test_undo_stands_on_the_row_for_those_who_may(client, amara, double):
    merge(client, amara, double)
    undo = reverse("contact_unmerge", args=[double.pk])
    assert undo in client.get(amara.get_absolute_url()).content.decode()
    assert undo in client.get(reverse("contact_history", args=[amara.pk])).content.decode()
    client.force_login(make_user(name="Mia"))
    assert undo not in client.get(amara.get_absolute_url()).content.decode()
