"""Lists of contacts, comments and tags in Django admin."""

import pytest
from django.test import Client

from accounts.models import User
from activity.models import ActivityEvent
from contacts.admin import FirstRows
from contacts.models import Comment, Contact, Tag
from tests.builders import make_comment, make_contact
from tests.contacts.admin.editing import CONTACTS

pytestmark = pytest.mark.django_db


def test_the_list_is_searched_as_the_list_of_contacts_is(client: Client, ada: User) -> None:
    make_contact(given_name="Jürgen", family_name="Müller")
    make_contact(given_name="Henrik", family_name="Vestergaard")
    page = client.get(CONTACTS, {"q": "muller jur"}).content.decode()
    assert "Jürgen Müller" in page
    assert "Vestergaard" not in page
    assert "2 contacts" in client.get(CONTACTS).content.decode()


def test_a_long_list_is_not_counted_to_the_last(
    client: Client, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FirstRows, "LIMIT", 3)
    for number in range(3):
        make_contact(given_name=f"Contact {number}")
    page = client.get(CONTACTS).content.decode()
    assert "The first 3; a filter or search leads to others." in page


def test_comments_are_found_by_the_id_of_their_contact(
    client: Client, ada: User, amara: Contact
) -> None:
    make_comment(amara, ada, "Call on Monday.")
    make_comment(make_contact(given_name="Henrik"), ada, "Call on Friday.")
    comments = "/admin/contacts/comment/"
    page = client.get(comments, {"q": str(amara.pk)}).content.decode()
    assert "Call on Monday." in page
    assert "Call on Friday." not in page
    assert "Call on" not in client.get(comments, {"q": "Friday"}).content.decode()


def test_comments_are_read_and_not_written(client: Client, ada: User, amara: Contact) -> None:
    said = Comment(contact=amara, author=ada, body="Call on Monday.")
    said.save()
    gone = Comment(contact=amara, author=ada, body="A slip of the tongue.")
    gone.save()
    gone.remove(by=ada)
    page = client.get("/admin/contacts/comment/").content.decode()
    assert "Call on Monday." in page
    assert "A slip of the tongue." not in page
    path = f"/admin/contacts/comment/{said.pk}/change/"
    assert "Call on Monday." in client.get(path).content.decode()
    assert client.post(path, {"body": "x"}).status_code == 403
    assert client.get("/admin/contacts/comment/add/").status_code == 403
    assert client.post(f"/admin/contacts/comment/{said.pk}/delete/").status_code == 403


def test_tags_are_added_and_not_renamed_and_the_log_says_who_did_it(
    client: Client, ada: User
) -> None:
    client.post("/admin/contacts/tag/add/", {"name": "Friend"})
    assert Tag.objects.get().name == "Friend"
    assert client.post("/admin/contacts/tag/Friend/change/", {"name": "Foe"}).status_code == 403
    client.post("/admin/contacts/tag/add/", {"name": "Fair"})
    client.post("/admin/contacts/tag/Friend/delete/", {"post": "yes"})
    form = {"action": "delete_selected", "_selected_action": ["Fair"], "post": "yes"}
    client.post("/admin/contacts/tag/", form)
    assert not Tag.objects.exists()
    noted = ActivityEvent.objects.filter(object_type="tag", actor_id=ada.pk).order_by("pk")
    told = [(event.verb, event.payload["name"]) for event in noted]
    assert told == [
        ("tag.added", "Friend"),
        ("tag.added", "Fair"),
        ("tag.removed", "Friend"),
        ("tag.removed", "Fair"),
    ]


def test_receipts_are_found_by_the_id_of_their_contact(
    client: Client, ada: User, amara: Contact
) -> None:
    make_contact(given_name="Henrik", family_name="Vestergaard").delete()
    amara.delete()
    receipts = "/admin/contacts/deletedcontact/"
    page = client.get(receipts, {"q": str(amara.pk)}).content.decode()
    assert "Amara" in page
    assert "Vestergaard" not in page
    assert str(amara.pk) not in client.get(receipts, {"q": "nobody"}).content.decode()
