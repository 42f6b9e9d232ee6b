"""The page of a share's link: what was shared, for whoever holds the link, while it is open."""

import pytest
from django.db import connection
from django.test import Client

from contacts.models import Contact, Share
from tests.contacts.share_links.links import OTHER, make_share, path_of, text

pytestmark = pytest.mark.django_db


def test_the_link_shows_what_was_shared_as_it_was_then(
    client: Client, shared: Share, amara: Contact
) -> None:
    path = path_of(shared)
    amara.given_name, amara.phones = "Changed", ["+12022243441"]
    amara.save()
    page = client.get(path)
    assert page.status_code == 200
    shown = text(page)
    for words in ("Amara Okonkwo", "+44 20 7946 0142", "Shared by Max on", "can be opened until"):
        assert words in shown
    for secret in ("Changed", "202-224", "Calder", "mornings", "amara@"):
        assert secret not in page.content.decode()
    assert "For the &lt;b&gt;tender&lt;/b&gt;" in page.content.decode()
    card = client.get(f"{path}card.vcf")
    assert card.headers["Content-Type"] == "text/vcard; charset=utf-8"
    assert "TEL;PREF=1;VALUE=uri:tel:+442079460142" in card.content.decode()
    assert "FN:Amara Okonkwo" in card.content.decode()
    assert "EMAIL" not in card.content.decode()


def test_a_name_that_was_not_shared_is_nowhere(client: Client, amara: Contact) -> None:
    share = make_share(amara, fields=["phones"], note="")
    path = path_of(share)
    for each in (client.get(path), client.get(f"{path}card.vcf")):
        assert "Amara" not in each.content.decode() + str(each.headers)


def test_a_text_alone_has_a_page_and_no_card(client: Client, amara: Contact) -> None:
    path = path_of(make_share(amara, fields=[]))
    assert "tender" in text(client.get(path))
    assert client.get(f"{path}card.vcf").status_code == 404


def test_the_page_is_kept_and_indexed_nowhere(client: Client, shared: Share) -> None:
    path = path_of(shared)
    for address in (path, f"{path}card.vcf", "/s/unknown/"):
        headers = client.get(address).headers
        assert headers["Referrer-Policy"] == "no-referrer"
        assert "no-store" in headers["Cache-Control"]
        assert "noindex" in headers["X-Robots-Tag"]


def test_each_address_has_a_link_of_its_own(client: Client, amara: Contact) -> None:
    share = make_share(amara, recipients=[OTHER, "b@x.example"])
    first, second = path_of(share), path_of(share, "b@x.example")
    assert first != second
    client.post(f"{second}opened")
    share.refresh_from_db()
    assert share.visits == {"b@x.example": 1}


def test_the_token_is_in_no_table(client: Client, shared: Share) -> None:
    path = path_of(shared)
    token = path.split("/")[2]
    client.get(path)
    client.post(f"{path}opened")
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT count(*) FROM "{table}" AS r WHERE r::text LIKE %s',
                           [f"%{token}%"])  # fmt: skip
            assert cursor.fetchone() == (0,), table
