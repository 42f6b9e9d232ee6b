"""Contacts in Django admin: the same rules, the same events, and nobody's change lost."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections
from django.test import Client

from accounts.models import User
from activity.models import ActivityEvent, ActivityOrigin
from contacts.admin import FirstRows
from contacts.models import Comment, Contact, Tag
from tests.builders import make_comment, make_contact, make_user

pytestmark = pytest.mark.django_db
CONTACTS = "/admin/contacts/contact/"


@pytest.fixture
def ada(client: Client) -> User:
    ada = make_user(name="Ada")
    client.force_login(ada)
    return ada


@pytest.fixture
def amara() -> Contact:
    return make_contact(
        given_name="Amara", family_name="Okonkwo", emails=["amara@calder.example"],
        phones=["+12022243441"], tags=["VIP"], city="London",
    )  # fmt: skip


def path_of(contact: Contact) -> str:
    return f"{CONTACTS}{contact.pk}/change/"


def opened(client: Client, path: str) -> dict[str, str]:
    """Return what the form of that page would send unchanged."""
    form = client.get(path).context["adminform"].form
    return {
        bound.name: "\n".join(bound.value()) if isinstance(bound.value(), list) else bound.value()
        for bound in form
        if bound.value() is not None
    }


def verbs(contact: Contact) -> list[str]:
    events = ActivityEvent.objects.filter(contact_id=contact.pk).order_by("id")
    return [event.verb for event in events]


def test_ada_edits_a_contact_and_the_event_says_so(
    client: Client, ada: User, amara: Contact
) -> None:
    path = path_of(amara)
    typed = opened(client, path) | {
        "city": "Paris", "emails": "Amara@Calder.example\n\nsecond@calder.example\n",
        "phones": "+1 202-224-3441\n+44 20 7946 0000", "tags": "vip\nFriend",
    }  # fmt: skip
    answer = client.post(path, typed)
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    amara = Contact.objects.get(pk=amara.pk)
    assert amara.city == "Paris"
    assert amara.emails == ["amara@calder.example", "second@calder.example"]
    assert amara.phones == ["+12022243441", "+442079460000"]
    assert Tag.objects.filter(name="Friend").exists()
    assert verbs(amara) == ["contact.created", "contact.updated"]
    event = ActivityEvent.objects.filter(contact_id=amara.pk).latest("id")
    assert event.actor_id == ada.pk
    assert ActivityOrigin.objects.get(pk=event.origin_id).channel == "admin"


def test_ada_adds_a_contact(client: Client, ada: User) -> None:
    typed = opened(client, f"{CONTACTS}add/") | {"given_name": "Henrik"}
    assert client.post(f"{CONTACTS}add/", typed).status_code == 302
    henrik = Contact.objects.get()
    assert henrik.name == "Henrik"
    assert verbs(henrik) == ["contact.created"]


def test_saving_without_a_change_records_nothing(client: Client, ada: User, amara: Contact) -> None:
    client.post(path_of(amara), opened(client, path_of(amara)))
    assert verbs(amara) == ["contact.created"]


def test_what_cannot_be_read_is_refused_and_kept(client: Client, ada: User, amara: Contact) -> None:
    path = path_of(amara)
    answer = client.post(path, opened(client, path) | {"emails": "amara at calder"})
    page = answer.content.decode()
    assert "is not an email address" in page
    assert "amara at calder</textarea>" in page
    assert Contact.objects.get(pk=amara.pk).emails == ["amara@calder.example"]


def test_a_contact_needs_something_to_be_called_by(client: Client, ada: User) -> None:
    answer = client.post(f"{CONTACTS}add/", opened(client, f"{CONTACTS}add/"))
    assert answer.status_code == 200
    assert answer.context["adminform"].form.non_field_errors()


def test_a_form_opened_before_anothers_change_is_refused_and_keeps_what_was_typed(
    client: Client, ada: User, amara: Contact
) -> None:
    path = path_of(amara)
    typed = opened(client, path) | {"job_title": "Director"}
    amara.city = "Oslo"
    amara.save()

    answer = client.post(path, typed)
    assert answer.status_code == 200
    page = answer.content.decode()
    assert "Somebody changed this contact while the form was open." in page
    assert "City: Oslo" in page
    assert "Job title: nothing" in page
    assert "Family name:" not in page.split("Stored now:")[1].split("Save again")[0]
    assert 'value="Director"' in page
    stored = Contact.objects.get(pk=amara.pk)
    assert (stored.city, stored.job_title) == ("Oslo", "")

    shown = answer.context["adminform"].form
    again = typed | {"opened_version": shown["opened_version"].value()}
    assert client.post(path, again).status_code == 302
    stored.refresh_from_db()
    assert (stored.city, stored.job_title) == ("London", "Director")


def test_a_form_without_its_version_is_refused(client: Client, ada: User, amara: Contact) -> None:
    typed = opened(client, path_of(amara)) | {"city": "Paris", "opened_version": ""}
    assert client.post(path_of(amara), typed).status_code == 200
    assert Contact.objects.get(pk=amara.pk).city == "London"


@pytest.mark.django_db(transaction=True)
def test_two_who_save_at_once_do_not_overwrite_each_other(client: Client) -> None:
    ada = make_user(name="Ada")
    amara = make_contact(city="London")
    client.force_login(ada)
    form = opened(client, path_of(amara))
    ready = threading.Barrier(2)

    def save(city: str) -> int:
        client = Client()
        client.force_login(ada)
        ready.wait()
        answer = client.post(path_of(amara), form | {"city": city})
        connections.close_all()
        return answer.status_code

    with ThreadPoolExecutor() as threads:
        answers = list(threads.map(save, ("Paris", "Oslo")))
    assert sorted(answers) == [200, 302]
    assert verbs(amara) == ["contact.created", "contact.updated"]


def test_archiving_is_not_a_field(client: Client, ada: User, amara: Contact) -> None:
    typed = opened(client, path_of(amara)) | {
        "archived_at_0": "2026-01-01",
        "archived_at_1": "9:00",
    }
    client.post(path_of(amara), typed)
    assert not Contact.objects.get(pk=amara.pk).is_archived


def test_a_contact_is_deleted_on_its_own_page_only(
    client: Client, ada: User, amara: Contact
) -> None:
    assert client.post(f"{CONTACTS}{amara.pk}/delete/", {"post": "yes"}).status_code == 403
    client.post(CONTACTS, {"action": "delete_selected", "_selected_action": [amara.pk]})
    assert Contact.objects.filter(pk=amara.pk).exists()


def test_a_contact_deleted_meanwhile_is_not_an_error(
    client: Client, ada: User, amara: Contact
) -> None:
    typed = opened(client, path_of(amara))
    path = path_of(amara)
    amara.delete(reason="asked for it")
    answer = client.post(path, typed)
    assert answer.status_code in {302, 404, 410}


def test_the_history_names_old_and_new_values(client: Client, ada: User, amara: Contact) -> None:
    amara.city, amara.phones = "Oslo", [*amara.phones, "+442079460000"]
    amara.save()
    page = client.get(f"{CONTACTS}{amara.pk}/history/").content.decode()
    assert "<del>London</del> → <ins>Oslo</ins>" in page
    assert "<ins>+12022243441, +442079460000</ins>" in page
    assert "style=" not in page


def test_no_version_is_written_over_the_present_one(
    client: Client, ada: User, amara: Contact
) -> None:
    version = amara.history.first()
    answer = client.post(f"{CONTACTS}{amara.pk}/history/{version.pk}/", {"city": "Rome"})
    assert answer.status_code in {302, 404}
    assert Contact.objects.get(pk=amara.pk).city == "London"


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


def test_a_deactivated_owner_stays_offered_where_it_is_the_owner(
    client: Client, ada: User, amara: Contact
) -> None:
    ben = make_user(name="Ben")
    amara.owner = ben
    amara.save()
    User.objects.filter(pk=ben.pk).update(is_active=False)
    assert str(ben.pk) in client.get(path_of(amara)).content.decode()
    assert str(ben.pk) not in client.get(f"{CONTACTS}add/").content.decode()


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


def test_tags_are_added_and_not_renamed(client: Client, ada: User) -> None:
    client.post("/admin/contacts/tag/add/", {"name": "Friend"})
    assert Tag.objects.get().name == "Friend"
    assert client.post("/admin/contacts/tag/Friend/change/", {"name": "Foe"}).status_code == 403
