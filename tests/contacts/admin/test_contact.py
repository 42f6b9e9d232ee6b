"""Contacts in Django admin: the same rules, the same events, and nobody's change lost."""

from functools import partial

import pytest
from django.test import Client

from accounts.models import User
from activity.models import ActivityEvent, ActivityOrigin
from contacts.models import Contact, Tag
from tests.builders import make_contact, make_user
from tests.contacts.admin.editing import CONTACTS, opened, path_of, verbs
from tests.threads import at_once

pytestmark = pytest.mark.django_db


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

    def save(city: str) -> int:
        client = Client()
        client.force_login(ada)
        return client.post(path_of(amara), form | {"city": city}).status_code

    assert sorted(at_once(partial(save, "Paris"), partial(save, "Oslo"))) == [200, 302]
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


def test_a_deactivated_owner_stays_offered_where_it_is_the_owner(
    client: Client, ada: User, amara: Contact
) -> None:
    ben = make_user(name="Ben")
    amara.owner = ben
    amara.save()
    User.objects.filter(pk=ben.pk).update(is_active=False)
    assert str(ben.pk) in client.get(path_of(amara)).content.decode()
    assert str(ben.pk) not in client.get(f"{CONTACTS}add/").content.decode()
