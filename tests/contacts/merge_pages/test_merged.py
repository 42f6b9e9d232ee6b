"""A merged contact: its survivor's page shows both, and its own address leads there."""

import pytest
from django.urls import reverse

from activity.models import ActivityEvent
from tests.builders import make_comment
from tests.contacts.merge_pages.merging import merge, text

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def test_the_survivors_page_shows_both_and_says_where_each_row_is_from(client, amara, double):
    make_comment(double, body="Met at the expo, wants a quote")
    merge(client, amara, double)
    page = text(client.get(amara.get_absolute_url()))
    assert "Met at the expo, wants a quote" in page
    assert page.count("from A. Okonkwo, merged") == 2  # its creation and the comment
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


def test_deleting_the_survivor_says_what_goes_with_it(client, amara, double):
    merge(client, amara, double)
    page = text(client.get(reverse("contact_delete", args=[amara.pk])))
    assert "A. Okonkwo, merged into this contact" in page
    client.post(reverse("contact_delete", args=[amara.pk]), {"confirm": "Amara Okonkwo"})
    assert client.get(double.get_absolute_url()).status_code == 410
