"""Creating a contact: what is accepted, what is asked, and that one form makes one contact."""

import re
from typing import Any

import pytest
from django.test import Client
from uuid_utils.compat import uuid7

from accounts.models import User
from activity.models import ActivityEvent
from contacts.models import Contact, Tag
from tests.builders import make_contact, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def mia(client: Client) -> Any:
    user = make_user(name="Mia")
    client.force_login(user)
    return user


def create(client: Client, **sent: Any) -> Any:
    return client.post("/contacts/new", sent)


def the_contact() -> Contact:
    return Contact.objects.get()


def test_a_contact_is_added_and_its_page_opens(client, mia):
    response = client.post(
        "/contacts/new",
        {
            "honorific": "Dr.",
            "given_name": "Amara",
            "middle_name": "N.",
            "family_name": "Okonkwo",
            "suffix": "PhD",
            "organisation": "Calder & Wren",
            "job_title": "Head of Operations",
            "email": "Amara@Calder.example",
            "phone": "+44 20 7946 0018",
            "website": "calder.example/team",
            "street": "1 Quay",
            "postal_code": "E1",
            "city": "London",
            "region": "Greater London",
            "country": "United Kingdom",
            "tags": "VIP, Depot rollout",
            "notes": "Met in Lagos.\r\nCalls back.",
            "owner": str(mia.pk),
        },
    )
    contact = the_contact()
    assert response.status_code == 303
    assert response.headers["Location"] == f"/contacts/{contact.pk}/"
    assert contact.name == "Dr. Amara Okonkwo, PhD"
    assert contact.emails == ["amara@calder.example"]
    assert contact.phones == ["+442079460018"]
    assert contact.website == "https://calder.example/team"
    assert contact.tags == ["VIP", "Depot rollout"]
    assert contact.notes == "Met in Lagos.\nCalls back."
    assert (contact.street, contact.postal_code, contact.city) == ("1 Quay", "E1", "London")
    page = client.get(response.headers["Location"]).content.decode()
    assert "Dr. Amara Okonkwo, PhD was added." in page


def test_adding_leaves_one_event_that_names_who_did_it(client, mia):
    create(client, given_name="Amara")
    [event] = ActivityEvent.objects.of(the_contact().pk)
    assert event.verb == "contact.created"
    assert event.actor_name == "Mia"
    assert event.contact_id == the_contact().pk


def test_the_creator_owns_the_contact_unless_another_was_chosen(client, mia):
    ben = make_user(name="Ben")
    create(client, given_name="Hers")
    create(client, given_name="His", owner=str(ben.pk))
    create(client, given_name="Nobodys", owner="")
    assert Contact.objects.get(given_name="Hers").owner == mia
    assert Contact.objects.get(given_name="His").owner == ben
    assert Contact.objects.get(given_name="Nobodys").owner is None


def test_somebody_who_left_cannot_become_an_owner(client, mia):
    ben = make_user(name="Ben", is_active=False)
    assert create(client, given_name="A", owner=str(ben.pk)).status_code == 422
    assert "Ben" not in client.get("/contacts/new").content.decode()


@pytest.mark.parametrize(
    ("sent", "name"),
    [
        ({"organisation": "Only A Company"}, "Only A Company"),
        ({"email": "only@mail.example"}, "only@mail.example"),
        ({"phone": "+12022243441"}, "+1 202-224-3441"),
        ({"given_name": 'Bobby "Tables" O\'Neil'}, 'Bobby "Tables" O\'Neil'),
        ({"given_name": "👩‍👩‍👧"}, "👩‍👩‍👧"),
        ({"given_name": "محمد", "family_name": "العلي"}, "محمد العلي"),
        ({"given_name": " Two \r\n lines\x00 "}, "Two lines"),
        ({"given_name": "Jo\u0308rg"}, "Jörg"),
    ],
)
def test_one_way_to_name_somebody_is_enough(client, mia, sent, name):
    assert create(client, **sent).status_code == 303
    assert the_contact().name == name


@pytest.mark.parametrize("nothing", [{}, {"given_name": "  "}, {"given_name": "\u200b"},
                                     {"middle_name": "N."}, {"notes": "somebody"}])  # fmt: skip
def test_a_contact_needs_something_to_be_called_by(client, mia, nothing):
    response = create(client, **nothing)
    assert response.status_code == 422
    assert "Give a name, a company, an email or a phone number" in response.content.decode()
    assert not Contact.objects.exists()


def test_the_chosen_email_is_the_primary_one_and_each_is_kept_once(client, mia):
    create(client, email=["a@x.example", " B@X.example", "a@x.example", ""], email_primary="1")
    assert the_contact().emails == ["b@x.example", "a@x.example"]


def test_a_nonsense_choice_of_the_primary_changes_nothing(client, mia):
    create(client, email=["a@x.example", "b@x.example"], email_primary="99")
    assert the_contact().emails == ["a@x.example", "b@x.example"]


@pytest.mark.parametrize(
    "email",
    ["amara+tag@calder.example", "amara@müller.example", "a" * 64 + "@" + "b" * 63 + ".example"],
)
def test_unusual_emails_are_accepted(client, mia, email):
    assert create(client, email=email).status_code == 303


@pytest.mark.parametrize("email", ["amara", "a@b", "a b@c.example", "a@b.example\ncc: x@y.z",
                                   "a@" + "b." * 130 + "example", "<a@b.example>"])  # fmt: skip
def test_what_is_no_email_is_refused_in_words_and_kept_in_the_form(client, mia, email):
    response = create(client, given_name="Amara", email=["good@x.example", email])
    page = response.content.decode()
    assert response.status_code == 422
    assert "is not an email address" in page or "at most 254 characters" in page
    assert 'value="good@x.example"' in page
    assert page.count('aria-invalid="true" aria-describedby="id_email_error"') == 1
    assert 'value="Amara"' in page
    assert not Contact.objects.exists()


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("(202) 224-3441", "+12022243441"),
        ("0049 170 1234567", "+491701234567"),
        ("+49 (0)170 1234567", "+491701234567"),
        ("202-224-3441 ext. 12", "+12022243441;ext=12"),
    ],
)
def test_phones_are_kept_so_that_they_can_be_dialled(client, mia, settings, typed, kept):
    settings.PHONE_REGION = "DE" if typed.startswith("00") else "US"
    create(client, phone=typed)
    assert the_contact().phones == [kept]


def test_an_extension_is_shown_with_its_phone(client, mia):
    create(client, phone="202-224-3441 x12")
    assert the_contact().phone == "+1 202-224-3441 ext. 12"


@pytest.mark.parametrize("typed", ["12", "call me", "+999 123456789", "1" * 30])
def test_what_cannot_be_dialled_is_refused_with_an_example(client, mia, typed):
    response = create(client, given_name="A", phone=typed)
    assert response.status_code == 422
    assert f"“{typed}” is not a number that can be dialled" in response.content.decode()
    assert "like +1 201-555-0123" in response.content.decode()


@pytest.mark.parametrize("typed", ["javascript:alert(1)", "ftp://x.example", "not a site", "//x"])
def test_only_web_addresses_are_websites(client, mia, typed):
    response = create(client, given_name="A", website=typed)
    assert response.status_code == 422
    assert "This is not a web address" in response.content.decode()


def test_tags_are_spelled_as_they_were_first_and_new_ones_are_offered_next_time(client, mia):
    Tag.remember(["VIP"])
    create(client, given_name="A", tags=["vip", "New one, vip , ,"])
    assert the_contact().tags == ["VIP", "New one"]
    assert '<option value="New one">' in client.get("/contacts/new").content.decode()


def test_too_many_tags_and_too_long_ones_are_refused_in_words(client, mia):
    many = create(client, given_name="A", tags=",".join(f"tag {n}" for n in range(21)))
    assert many.status_code == 422
    assert "at most 20 tags, these are 21" in many.content.decode()
    long = create(client, given_name="A", tags="x" * 51)
    assert long.status_code == 422
    assert "A tag has at most 50 characters" in long.content.decode()


def test_a_text_that_is_too_long_is_refused_and_kept(client, mia):
    response = create(client, given_name="A" * 121, notes="n" * 10_001)
    page = response.content.decode()
    assert response.status_code == 422
    assert "A" * 121 in page
    assert "n" * 10_001 in page


def test_an_email_or_phone_or_name_that_is_known_is_asked_about_first(client, mia):
    known = make_contact(
        given_name="Amara",
        family_name="Okonkwo",
        emails=["amara@calder.example"],
        phones=["+12022243441"],
    )
    for same in (
        {"given_name": "X", "email": "AMARA@calder.example"},
        {"given_name": "X", "phone": "202-224-3441"},
        {"given_name": "amara", "family_name": "OKONKWO"},
    ):
        response = create(client, notes="Typed with care", **same)
        page = response.content.decode()
        assert response.status_code == 409
        assert "This may be somebody you know already" in page
        assert f'href="/contacts/{known.pk}/"' in page
        assert "Save anyway" in page
        assert "Typed with care" in page
    assert Contact.objects.count() == 1


def test_names_are_compared_without_accents_and_companies_by_name(client, mia):
    make_contact(given_name="Jörg", family_name="Müller")
    make_contact(organisation="Calder")
    assert create(client, given_name="Jorg", family_name="Muller").status_code == 409
    assert create(client, organisation="CALDER").status_code == 409
    assert create(client, given_name="Jörg", organisation="Calder").status_code == 303


def test_saving_anyway_saves_but_a_further_duplicate_is_asked_about_again(client, mia):
    first = make_contact(emails=["one@x.example"])
    second = make_contact(given_name="Other", emails=["two@x.example"])
    answered = {"not_duplicate": [str(first.pk)], "given_name": "X"}
    assert create(client, email=["one@x.example", "two@x.example"], **answered).status_code == 409
    answered["not_duplicate"].append(str(second.pk))
    assert create(client, email=["one@x.example", "two@x.example"], **answered).status_code == 303


def test_the_form_asks_about_archived_contacts_too(client, mia):
    make_contact(emails=["one@x.example"]).archive()
    response = create(client, email="one@x.example")
    assert response.status_code == 409
    assert "Archived" in response.content.decode()


def form_id(response: Any) -> str:
    return re.search(r'name="id" value="([^"]+)"', response.content.decode())[1]


def test_sending_the_form_twice_makes_one_contact_and_answers_alike(client, mia):
    sent = {
        "id": form_id(client.get("/contacts/new")),
        "given_name": "Amara",
        "email": "a@b.example",
    }
    first, again = create(client, **sent), create(client, **sent)
    assert again.status_code == first.status_code == 303
    assert again.headers["Location"] == first.headers["Location"]
    assert str(the_contact().pk) == sent["id"]
    assert ActivityEvent.objects.of(sent["id"]).count() == 1


def test_going_back_and_sending_something_else_asks_what_to_keep(client, mia):
    sent = {"id": str(uuid7()), "given_name": "Amara", "family_name": "Okonkwo"}
    create(client, **sent)
    response = create(client, **sent | {"family_name": "Okonkwo-Silva"})
    page = response.content.decode()
    assert response.status_code == 409
    assert "Okonkwo-Silva" in page
    assert f'action="/contacts/{sent["id"]}/edit"' in page
    assert the_contact().family_name == "Okonkwo"


def test_the_form_of_a_contact_that_was_deleted_since_makes_a_new_one(client, mia):
    sent = {"id": str(uuid7()), "given_name": "Amara"}
    create(client, **sent)
    the_contact().delete()
    assert create(client, **sent).status_code == 303
    assert str(the_contact().pk) != sent["id"]


def test_a_nonsense_id_is_an_invalid_form_and_not_an_error(client, mia):
    assert create(client, id="nonsense", given_name="A").status_code == 422


def test_asking_for_another_input_keeps_what_was_typed_and_saves_nothing(client, mia):
    response = create(client, more="email", email="half@typed", given_name="Amara")
    page = response.content.decode()
    assert response.status_code == 200
    assert 'value="half@typed"' in page
    assert 'id="id_email_1"' in page
    assert "Not saved yet" not in page
    assert not Contact.objects.exists()


def test_viewers_cannot_add_contacts(client):
    client.force_login(make_user(name="Vic"))
    assert client.get("/contacts/new").status_code == 403
    assert create(client, given_name="A").status_code == 403
    assert not Contact.objects.exists()


def test_somebody_signed_out_cannot_add_contacts(client):
    assert create(client, given_name="A").status_code == 302
    assert not Contact.objects.exists()
    assert User.objects.count() == 0


def test_a_form_without_its_token_is_refused():
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(make_user(name="Mia"))
    assert create(strict, given_name="A").status_code == 403


def test_typed_markup_comes_back_as_text(client, mia):
    evil = '"><script>alert(1)</script>'
    page = create(client, given_name=evil, tags=evil, phone=evil, notes="</textarea>" + evil)
    assert page.status_code == 422
    assert "<script>alert" not in page.content.decode()
