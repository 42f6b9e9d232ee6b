"""Two contacts side by side: each value is chosen, then one of them lives on in the other."""

import re

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags

from activity.models import ActivityEvent
from contacts.models import Contact
from tests.builders import make_comment, make_contact, make_user

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def amara() -> Contact:
    fields = {"emails": ["amara@calderwren.example"], "tags": ["Press"], "notes": "Likes tea"}
    return make_contact(given_name="Amara", family_name="Okonkwo", **fields)


@pytest.fixture
def double() -> Contact:
    fields = {"emails": ["okonkwo@mail.example"], "job_title": "Buyer", "notes": "Met at the expo"}
    return make_contact(given_name="A.", family_name="Okonkwo", **fields)


@pytest.fixture(autouse=True)
def max(client: Client):
    max = make_user(name="Max")
    client.force_login(max)
    return max


def address(contact: Contact, other: Contact) -> str:
    return reverse("contact_merge", args=[contact.pk, other.pk])


def sent(contact: Contact, other: Contact, **more) -> dict:
    return {"version": contact.version, "other_version": other.version, **more}


def text(answer) -> str:
    return " ".join(strip_tags(answer.content.decode()).split())


def merge(client: Client, contact: Contact, other: Contact, **more):
    return client.post(address(contact, other), sent(contact, other, **more))


def unmerge(client: Client, other: Contact, **more):
    return client.post(reverse("contact_unmerge", args=[other.pk]), more)


def fresh(*contacts: Contact) -> list[Contact]:
    return [Contact.objects.get(pk=each.pk) for each in contacts]


def test_both_values_are_shown_and_the_fuller_ones_offered(client, amara, double):
    page = client.get(address(amara, double)).content.decode()
    assert "Merge A. Okonkwo into Amara Okonkwo" in page
    assert re.search(r'name="take_given_name" value="this" checked', page)
    assert re.search(r'name="take_job_title" value="other" checked', page)
    assert re.search(r'name="take_notes" value="both" checked', page)
    assert page.count('name="keep_emails"') == 2


def test_what_was_offered_is_what_a_bare_form_takes(client, amara, double):
    answer = merge(client, amara, double, reason="Same person")
    assert (answer.status_code, answer.url) == (303, amara.get_absolute_url())
    amara, double = fresh(amara, double)
    assert amara.given_name == "Amara"
    assert amara.emails == ["amara@calderwren.example", "okonkwo@mail.example"]
    assert (amara.job_title, amara.notes) == ("Buyer", "Likes tea\n\nMet at the expo")
    assert (double.merged_into, double.notes) == (amara.pk, "Met at the expo")


def test_each_value_is_chosen(client, amara, double):
    choice = {"take_given_name": "other", "take_notes": "this", "listed_emails": "yes"}
    merge(client, amara, double, keep_emails="okonkwo@mail.example", listed_tags="yes", **choice)
    [amara] = fresh(amara)
    assert (amara.given_name, amara.notes) == ("A.", "Likes tea")
    assert (amara.emails, amara.tags) == (["okonkwo@mail.example"], [])


def test_nothing_that_neither_of_them_holds_can_be_smuggled_in(client, amara, double):
    choice = {"keep_emails": ["eve@evil.example"], "take_given_name": "Eve", "listed_emails": "1"}
    merge(client, amara, double, **choice)
    [amara] = fresh(amara)
    assert (amara.given_name, amara.emails) == ("Amara", [])


def test_sent_twice_it_is_one_merge(client, amara, double):
    form = sent(amara, double)
    answers = [client.post(address(amara, double), form) for _time in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert ActivityEvent.objects.filter(verb="contact.merged").count() == 2  # one on each side


def test_a_change_in_between_is_shown_before_anything_is_merged(client, amara, double):
    form = sent(amara, double, take_notes="other")
    amara.city = "Leeds"
    amara.save()
    answer = client.post(address(amara, double), form)
    assert answer.status_code == 409
    assert "changed in the meantime" in text(answer)
    assert re.search(r'name="take_notes" value="other" checked', answer.content.decode())
    assert fresh(double)[0].merged_into is None
    again = {name: re.search(rf'name="{name}" value="(\d+)"', answer.content.decode())[1]
             for name in ("version", "other_version")}  # fmt: skip
    assert client.post(address(amara, double), form | again).status_code == 303
    assert (fresh(amara)[0].city, fresh(amara)[0].notes) == ("Leeds", "Met at the expo")


def test_a_contact_is_never_merged_with_itself(client, amara):
    for answer in (client.get(address(amara, amara)), merge(client, amara, amara)):
        assert answer.status_code == 422
        assert "one and the same contact" in text(answer)


def test_never_with_one_that_was_merged(client, amara, double):
    third = make_contact(given_name="Third")
    merge(client, amara, double)
    for pair in [(third, double), (double, third)]:
        answer = merge(client, *fresh(*pair))
        assert answer.status_code == 409
        assert "A. Okonkwo was merged into Amara Okonkwo already." in text(answer)


def test_never_with_one_that_was_deleted(client, amara, double):
    form = sent(amara, double)
    double.delete()
    assert client.post(address(amara, double), form).status_code == 410
    assert client.get(address(amara, double)).status_code == 410


def test_an_archived_one_can_go_but_not_stay(client, amara, double):
    double.archive()
    assert merge(client, *fresh(double, amara)).status_code == 409
    assert merge(client, *fresh(amara, double)).status_code == 303


def test_a_value_that_no_contact_can_have_is_refused_with_the_form(client):
    one, two = make_contact(emails=["a@mail.example"]), make_contact(emails=["b@mail.example"])
    answer = merge(client, one, two, listed_emails="yes")
    assert answer.status_code == 422
    assert "Give a name, a company, an email or a phone number" in text(answer)
    assert fresh(two)[0].merged_into is None


def test_notes_that_are_too_long_for_one_contact_are_not_offered_together(client):
    one, two = (make_contact(given_name=name, notes=name * 6_000) for name in "AB")
    assert 'value="both"' not in client.get(address(one, two)).content.decode()
    merge(client, one, two, take_notes="both")
    assert fresh(one)[0].notes in {one.notes, two.notes}


def test_more_tags_than_a_contact_can_have_are_refused_with_the_form(client):
    one, two = (make_contact(tags=[f"{way} {n}" for n in range(12)]) for way in ("to", "fro"))
    answer = merge(client, one, two)
    assert answer.status_code == 422
    assert "A contact has at most 20 tags, these are 24." in text(answer)
    assert fresh(two)[0].merged_into is None
    few = {"listed_tags": "yes", "keep_tags": [*one.tags, *two.tags[:8]]}
    assert merge(client, one, two, **few).status_code == 303


def test_a_form_that_does_not_say_what_it_saw_is_shown_again(client, amara, double):
    answer = client.post(address(amara, double), {})
    assert answer.status_code == 409
    assert "changed in the meantime" in text(answer)


def test_a_get_changes_nothing(client, amara, double):
    before = ActivityEvent.objects.count()
    client.get(address(amara, double))
    merge(client, amara, double)
    client.get(reverse("contact_unmerge", args=[double.pk]))
    assert ActivityEvent.objects.count() == before + 2


@pytest.mark.parametrize("name", ["Mia", "Vic"])
def test_only_managers_merge(client, amara, double, name):
    client.force_login(make_user(name=name))
    answers = [
        client.get(address(amara, double)),
        merge(client, amara, double),
        client.get(reverse("contact_merge_with", args=[amara.pk])),
        unmerge(client, double),
    ]
    assert [answer.status_code for answer in answers] == [403] * 4
    assert "Merge…" not in text(client.get(amara.get_absolute_url()))


def test_a_name_is_text_and_never_markup(client, amara):
    evil = make_contact(given_name="<script>alert(1)</script>", emails=["<b>@mail.example"])
    pages = [client.get(address(amara, evil)), client.get(address(evil, amara))]
    merge(client, amara, evil)
    pages += [client.get(amara.get_absolute_url())]
    pages += [client.get(reverse("contact_unmerge", args=[evil.pk]))]
    pages += [client.get(reverse("contact_history", args=[amara.pk]))]
    assert all("<script>alert" not in page.content.decode() for page in pages)


def test_the_survivors_page_shows_both_and_says_where_each_row_is_from(client, amara, double):
    make_comment(double, body="Met at the expo, wants a quote")
    merge(client, amara, double)
    page = text(client.get(amara.get_absolute_url()))
    assert "Met at the expo, wants a quote" in page
    assert page.count("from A. Okonkwo, merged") == 3  # its creation, the comment, the merge
    record = text(client.get(reverse("contact_history", args=[amara.pk])))
    assert record.count("from A. Okonkwo, merged") == 3
    found = client.get(amara.get_absolute_url(), {"q": "wants a quote"})
    assert "Met at the expo, wants a quote" in text(found)


def test_the_merged_contacts_address_leads_to_the_survivor(client, amara, double):
    event = ActivityEvent.objects.get(object_id=double.pk, verb="contact.created")
    merge(client, amara, double)
    answer = client.get(double.get_absolute_url(), {"at": event.id})
    assert (answer.status_code, answer.url) == (302, f"{amara.get_absolute_url()}?at={event.id}")
    page = client.get(answer.url)
    assert f'id="e-{event.id}"' in page.content.decode()
    assert "A. Okonkwo was merged into Amara Okonkwo." in text(page)
    for name in ("contact_edit", "contact_history", "contact_card", "contact_delete_dialog"):
        answer = client.get(reverse(name, args=[double.pk]))
        assert answer.url == reverse(name, args=[amara.pk])


def test_it_is_in_no_list_or_search(client, amara, double):
    merge(client, amara, double)
    for query in ({}, {"q": "A. Okonkwo"}, {"status": "all"}):
        page = client.get("/contacts/", query).content.decode()
        assert f'href="{double.get_absolute_url()}"' not in page


@pytest.mark.parametrize("name", ["contact_comments", "contact_archive", "contact_opt_out"])
def test_what_is_done_with_a_merged_contact_is_refused_and_what_was_typed_kept(
    client, amara, double, name
):
    merge(client, amara, double)
    path, typed = reverse(name, args=[double.pk]), {"body": "A long remark", "reason": "Why not"}
    answer = client.post(path, typed)
    assert answer.status_code == 409
    assert "A. Okonkwo was merged into Amara Okonkwo." in text(answer)
    assert "A long remark" in text(answer)
    answer = client.post(path, typed, headers=HTMX)
    assert (answer.status_code, answer.headers["HX-Reswap"]) == (409, "none")
    assert "Open Amara Okonkwo instead" in answer.headers["HX-Trigger"]


def test_a_comment_of_the_merged_contact_is_edited_on_the_survivors_page(
    client, amara, double, max
):
    comment = make_comment(double, max, body="Call back")
    merge(client, amara, double)
    path = reverse("comment_edit", args=[comment.pk])
    client.post(path, {"body": "Call back on 9th", "version": 1, "id": comment.pk})
    assert "Call back on 9th" in text(client.get(amara.get_absolute_url()))


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


def test_the_other_one_is_found_by_likeness_or_by_words(client, amara, double):
    path = reverse("contact_merge_with", args=[amara.pk])
    assert "No other contact has the same name" in text(client.get(path))
    assert "A. Okonkwo" in text(client.get(path, {"q": "okonkwo"}))
    make_contact(given_name="Amara", family_name="Okonkwo", emails=["amara@calderwren.example"])
    assert address(amara, Contact.objects.latest("created_at")) in client.get(path).content.decode()


def test_deleting_the_survivor_says_what_goes_with_it(client, amara, double):
    merge(client, amara, double)
    page = text(client.get(reverse("contact_delete", args=[amara.pk])))
    assert "A. Okonkwo, merged into this contact" in page
    client.post(reverse("contact_delete", args=[amara.pk]), {"confirm": "Amara Okonkwo"})
    assert client.get(double.get_absolute_url()).status_code == 410
