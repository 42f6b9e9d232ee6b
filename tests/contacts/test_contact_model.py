"""What a contact is called, how it is sorted, and who may be the same person."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from contacts.duplicates import likely_duplicates
from contacts.models import Contact, Tag
from contacts.values import read_line, read_phone, read_tags, read_website
from tests.builders import make_contact

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"given_name": "Amara", "family_name": "Okonkwo"}, "Amara Okonkwo"),
        (
            {"honorific": "Dr.", "given_name": "A", "family_name": "O", "suffix": "PhD"},
            "Dr. A O, PhD",
        ),
        ({"family_name": "Okonkwo", "organisation": "Calder"}, "Okonkwo"),
        ({"organisation": "Calder", "suffix": "PhD"}, "Calder"),
        ({"emails": ["a@b.example", "c@d.example"]}, "a@b.example"),
        ({"phones": ["+12022243441"]}, "+1 202-224-3441"),
        ({"phones": ["ask for Bob"]}, "ask for Bob"),
        ({"given_name": "🙂"}, "🙂"),
        ({"given_name": "محمد", "family_name": "العلي"}, "محمد العلي"),
    ],
)
def test_a_contact_is_called_by_the_best_name_there_is(fields, name):
    assert str(make_contact(**fields)) == name


def test_contacts_are_sorted_by_family_name_whatever_its_case_and_accents():
    make_contact(given_name="A", family_name="Zett")
    make_contact(given_name="B", family_name="Öz")
    make_contact(given_name="C", family_name="oa")
    make_contact(organisation="Pier")
    make_contact(emails=["quay@b.example"])
    names = [contact.name for contact in Contact.objects.order_by("sort_name")]
    assert names == ["C oa", "B Öz", "Pier", "quay@b.example", "A Zett"]


def test_the_database_refuses_a_contact_without_anything_to_call_it_by():
    with pytest.raises(ValidationError, match="Give a name, a company"):
        Contact(middle_name="N.").full_clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        Contact(middle_name="N.").save()


def test_an_address_belongs_to_a_contact_whatever_its_case():
    contact = make_contact(emails=["a@b.example"])
    assert Contact.objects.with_address(" A@B.example").get() == contact


def test_nobody_is_a_duplicate_of_herself():
    contact = make_contact(emails=["a@b.example"])
    assert not likely_duplicates(contact).exists()


def test_people_without_anything_in_common_are_not_duplicates():
    make_contact(given_name="Amara", organisation="Calder", emails=["a@b.example"])
    other = Contact(given_name="Henrik", organisation="Calder", phones=["+12022243441"])
    assert not likely_duplicates(other).exists()
    assert not likely_duplicates(Contact(emails=["x@y.example"])).exists()


def test_each_contact_that_shares_something_is_a_likely_duplicate():
    by_email = make_contact(given_name="E", emails=["x@y.example", "a@b.example"])
    by_phone = make_contact(given_name="P", phones=["+12022243441"])
    by_name = make_contact(given_name="Ámara", family_name="OKONKWO")
    other = Contact(
        given_name="Amara",
        family_name="Okonkwo",
        emails=["a@b.example"],
        phones=["+12022243441"],
    )
    assert set(likely_duplicates(other)) == {by_email, by_phone, by_name}


def test_a_tag_keeps_its_first_spelling_and_is_remembered_once():
    Tag.remember(["VIP", "Tender"])
    Tag.remember(["VIP"])
    assert Tag.spelled(["vip", "Straße", "tender"]) == ["VIP", "Straße", "Tender"]
    assert Tag.objects.count() == 2


@given(st.text())
def test_any_text_becomes_a_line_and_reading_it_again_changes_nothing(text):
    line = read_line(text)
    assert "\n" not in line
    assert "\x00" not in line
    assert line == line.strip()
    assert read_line(line) == line


def test_joiners_inside_a_name_stay_and_alone_are_nothing():
    assert read_line("👩‍👩‍👧") == "👩‍👩‍👧"
    assert read_line("می\u200cم") == "می\u200cم"
    assert read_line("\u200b \u2060\ufeff") == ""


@given(st.text())
def test_any_text_is_a_phone_or_a_clear_refusal(text):
    try:
        kept = read_phone(text)
    except ValidationError as error:
        assert "is not a number that can be dialled" in error.messages[0]
    else:
        assert len(kept) <= 40
        assert read_phone(kept) == kept


@given(st.text())
def test_any_text_is_a_web_address_or_a_clear_refusal(text):
    try:
        kept = read_website(text)
    except ValidationError as error:
        assert error.messages == ["This is not a web address. Write it like https://example.com."]
    else:
        assert kept == "" or kept.startswith(("http://", "https://")) or "://" in kept
        assert read_website(kept) == kept


def test_tags_are_read_in_the_order_typed_each_once():
    assert read_tags(["b, a", " B ", "", ",,c"]) == ["b", "a", "c"]
