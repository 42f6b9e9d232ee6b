"""The list of contacts: what it shows, how it is narrowed and ordered, and to whom."""

import pytest

from accounts.models import User
from contacts.models import Tag
from tests.builders import make_contact, make_user
from tests.contacts.listing.lists import names

pytestmark = pytest.mark.django_db


def test_the_list_says_who_where_and_what_happened_last(client, mia):
    contact = make_contact(job_title="Head of Operations", tags=["Depot rollout", "VIP"], owner=mia)
    page = client.get("/contacts/").content.decode()
    for shown in ("Amara Okonkwo", "Calder &amp; Wren", "Head of Operations", "Contact created"):
        assert shown in page
    assert f'href="/contacts/{contact.pk}/"' in page
    assert "Depot rollout" in page
    assert "more: VIP" in page
    assert 'title="Mia"' in page


def test_archived_contacts_have_a_list_of_their_own(client, mia):
    make_contact(given_name="Still", family_name="Here")
    make_contact(given_name="Put", family_name="Away").archive()
    assert names(client.get("/contacts/")) == ["Still Here"]
    assert names(client.get("/contacts/?status=archived")) == ["Put Away"]
    assert set(names(client.get("/contacts/?status=all"))) == {"Still Here", "Put Away"}


def test_the_newest_activity_comes_first_unless_asked_otherwise(client, mia):
    for family in ("Beta", "alpha", "Öz"):
        make_contact(given_name="P", family_name=family)
    assert names(client.get("/contacts/")) == ["P Öz", "P alpha", "P Beta"]
    assert names(client.get("/contacts/?sort=activity")) == ["P Beta", "P alpha", "P Öz"]
    assert names(client.get("/contacts/?sort=name")) == ["P alpha", "P Beta", "P Öz"]
    assert names(client.get("/contacts/?sort=-name")) == ["P Öz", "P Beta", "P alpha"]


def test_a_tag_and_an_owner_narrow_the_list_and_can_be_taken_off(client, mia):
    ben = make_user(name="Ben")
    make_contact(family_name="Hers", tags=["VIP"], owner=mia)
    make_contact(family_name="His", tags=["VIP"], owner=ben)
    make_contact(family_name="Nobodys")
    Tag.remember(["VIP"])
    assert set(names(client.get("/contacts/?tag=VIP"))) == {"Hers", "His"}
    assert names(client.get("/contacts/?owner=none")) == ["Nobodys"]
    both = client.get(f"/contacts/?tag=VIP&owner={ben.pk}")
    assert names(both) == ["His"]
    page = both.content.decode()
    assert "Tag: VIP" in page
    assert "Owner: Ben" in page
    assert f'<a class="btn on wide-only" href="?owner={ben.pk}">' in page


def test_the_contacts_of_somebody_who_left_can_still_be_listed(client, mia):
    ben = make_user(name="Ben", is_active=False)
    make_contact(family_name="His", owner=ben)
    page = client.get(f"/contacts/?owner={ben.pk}")
    assert names(page) == ["His"]
    assert f"owner={ben.pk}" not in client.get("/contacts/").content.decode()


@pytest.mark.parametrize(
    "query",
    [
        "status=nonsense",
        "sort=;drop",
        "owner=nobody-has-this-id",
        "owner=00000000-0000-0000-0000-000000000000",
        "cursor=forged",
        "cursor=a:b:c",
        "cursor=WyJhZnRlciIsIngiLCJ5Il0:1:2",
        "tag=%00",
        "q=%00&cursor=%00&status=%00",
    ],
)
def test_an_address_that_makes_no_sense_shows_the_list(client, mia, query):
    make_contact()
    response = client.get(f"/contacts/?{query}")
    assert response.status_code == 200
    assert names(response) == ["Amara Okonkwo"]


def test_a_viewer_sees_the_list_without_its_buttons(client):
    client.force_login(make_user(name="Vic"))
    for page in (client.get("/contacts/").content.decode(),):
        assert "As soon as somebody on the team adds one" in page
    make_contact()
    page = client.get("/contacts/").content.decode()
    assert "Amara Okonkwo" in page
    assert "/contacts/new" not in page
    assert "/imports/" not in page


def test_a_manager_is_offered_the_import_and_a_member_is_not(client, mia):
    assert "/imports/" not in client.get("/contacts/").content.decode()
    client.force_login(make_user(name="Max"))
    assert "Import contacts" in client.get("/contacts/").content.decode()


def test_nobody_sees_the_list_without_signing_in(client):
    response = client.get("/contacts/")
    assert response.status_code == 302
    assert response.headers["Location"].startswith("/accounts/login/")


def test_somebody_without_a_role_is_refused(client):
    client.force_login(User.objects.create_user("new@annals.example", name="New"))
    assert client.get("/contacts/").status_code == 403


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_the_list_can_only_be_read(client, mia, method):
    assert getattr(client, method)("/contacts/").status_code == 405


def test_markup_in_names_and_searches_is_text(client, mia):
    evil = '"><script>alert(1)</script>'
    make_contact(given_name=evil, organisation=evil, job_title=evil, tags=[evil])
    Tag.remember([evil])
    page = client.get("/contacts/", {"q": "script", "tag": evil}).content.decode()
    assert "<script>alert" not in page
    assert names(client.get("/contacts/")) != []
    assert "<script>alert" not in client.get("/contacts/", {"q": evil}).content.decode()
