"""What is accepted in each field of a new contact, and what is refused in words."""

import pytest

from contacts.models import Contact, Tag
from tests.contacts.creating.adding import create, the_contact

pytestmark = pytest.mark.django_db


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


@pytest.mark.parametrize("choice", ["99", "-1", "²", "9" * 5_000], ids=["99", "-1", "²", "9…"])
def test_a_nonsense_choice_of_the_primary_changes_nothing(client, mia, choice):
    create(client, email=["a@x.example", "b@x.example"], email_primary=choice)
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
