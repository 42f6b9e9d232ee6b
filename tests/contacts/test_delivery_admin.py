"""The outbox in Django admin: administrators read what left, exactly as it left."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from contacts.models import Delivery
from contacts.models.link import PLACEHOLDER
from tests.builders import make_user
from tests.contacts.outbox import ANA, ana, invitation, message, share

pytestmark = pytest.mark.django_db
DELIVERIES = "/admin/contacts/delivery/"


@pytest.fixture
def ada(client: Client) -> User:
    ada = make_user(name="Ada")
    client.force_login(ada)
    return ada


def text_of(client: Client, path: str, **query: str) -> str:
    answer = client.get(path, query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_list_says_what_goes_where_and_how_far_it_got(client: Client, ada: User) -> None:
    failed, queued = message(), invitation(ana(given_name="Bo"), email="bo@other.example")
    Delivery.claim(failed.pk)[0].failed("No such user here.")
    text = text_of(client, DELIVERIES)
    for words in (ANA, "bo@other.example", "Not sent", "Queued", "No such user here.", "Ana Costa"):
        assert words in text
    text = text_of(client, DELIVERIES, state="failed")
    assert ANA in text
    assert "bo@other.example" not in text
    assert "bo@other.example" in text_of(client, DELIVERIES, q=queued.mail_id)
    of_bo = text_of(client, DELIVERIES, q="BO@other.example")
    assert "Bo Costa" in of_bo
    assert "Ana Costa" not in of_bo
    of_bo = text_of(client, DELIVERIES, q=str(queued.contact_id))
    assert "Bo Costa" in of_bo
    assert "Ana Costa" not in of_bo


def test_one_is_shown_exactly_as_it_leaves_but_for_the_recipients_link(
    client: Client, ada: User
) -> None:
    contact = ana()
    delivery = share(contact, with_card=True, note="<b>Hi</b>", link_days=7)
    text = text_of(client, f"{DELIVERIES}{delivery.pk}/change/")
    for words in (
        f"To: {ANA}", f"Message-ID: &lt;{delivery.pk}@", "Reply-To: mia@annals.example",
        "&lt;b&gt;Hi&lt;/b&gt;", f"/s/{PLACEHOLDER}/", "Name: Ana Costa", ".vcf",
        contact.get_absolute_url(), "&lt;!doctype html&gt;",
    ):  # fmt: skip
        assert words.lower() in text.lower()


def test_nobody_changes_adds_or_deletes_one(client: Client, ada: User) -> None:
    delivery = message()
    page = f"{DELIVERIES}{delivery.pk}/change/"
    assert client.post(page, {"state": "sent"}).status_code == 403
    assert client.get(f"{DELIVERIES}add/").status_code == 403
    assert client.post(f"{DELIVERIES}{delivery.pk}/delete/", {"post": "yes"}).status_code == 403
    assert 'name="_save"' not in text_of(client, page)
    assert Delivery.objects.get().state == "queued"


@pytest.mark.parametrize("name", ["Max", "Mia", "Vic"])
def test_only_administrators_read_it(client: Client, name: str) -> None:
    client.force_login(User.objects.filter(name=name).first() or make_user(name=name))
    assert client.get(DELIVERIES).status_code in (302, 403)


def test_the_list_takes_as_many_queries_for_ten_as_for_one(client: Client, ada: User) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get(DELIVERIES)
        return len(captured)

    message()
    few = queries()
    for _ in range(9):
        message(ana())
    assert queries() == few
