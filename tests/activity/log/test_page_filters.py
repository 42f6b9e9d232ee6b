"""The filters of the log's page: chips, menus, presets, and the address."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from activity.context import acting
from activity.models import ActivityEvent
from activity.recording import Draft, write
from contacts.models import Contact
from tests.builders import make_contact, make_user

pytestmark = pytest.mark.django_db


def test_nothing_that_fits_leads_back_to_everything(
    client: Client, reader: Any, amara: Contact
) -> None:
    answer = client.get("/activity/?q=zzz").content.decode()
    assert "No entry fits all the filters" in answer
    assert "Clear filters" in answer


def test_filters_are_chips_that_can_be_taken_off_one_by_one(client: Client, reader: Any) -> None:
    mia, year = make_user(name="Mia"), timezone.localdate().year
    query = f"group=change&actor={mia.pk}&from={year}-05-01&to={year}-05-02&source=web&q=x"
    answer = client.get(f"/activity/?{query}").content.decode()
    chips = re.findall(r'href="([^"]*)"><span class="vh">Remove filter </span><span class="clip">'
                       r"(.*?)</span>", answer)  # fmt: skip
    assert [words for _address, words in chips] == [
        "By Mia", "Field changes", "1 May to 2 May", "Source: Web", "“x”",
    ]  # fmt: skip
    assert "actor" not in chips[0][0]
    assert "from=" not in chips[2][0]
    assert "group=change" in chips[2][0]


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("from={year}-05-01", "Since 1 May"),
        ("to=2025-05-01", "Until 1 May 2025"),
        ("from={year}-05-01&to={year}-05-01", "1 May"),
        ("contact=0190a000-0000-7000-8000-000000000000", "Contact: Deleted contact"),
        ("actor=0190a000-0000-7000-8000-000000000000", "By a former member"),
        ("kind=contact.updated", "Fields changed"),
    ],
)
def test_a_chip_says_it_in_words(client: Client, reader: Any, query: str, says: str) -> None:
    query = query.format(year=timezone.localdate().year)
    assert f'<span class="clip">{says}</span>' in client.get(f"/activity/?{query}").content.decode()


def test_typing_a_word_is_one_look_at_the_log(client: Client) -> None:
    client.force_login(make_user(name="Ada"))
    for words in ("a", "am", "ama"):
        client.get(f"/activity/?q={words}")
    (viewed,) = ActivityEvent.objects.filter(verb="log.viewed")
    assert viewed.payload["searched"]


def test_export_takes_the_filters_along_where_the_role_allows_it(client: Client) -> None:
    client.force_login(make_user(name="Max"))
    answer = client.get("/activity/?group=change").content.decode()
    assert 'action="/activity/export"' in answer
    assert '<input type="hidden" name="group" value="change">' in answer
    client.force_login(make_user(name="Mia"))
    assert 'action="/activity/export"' not in client.get("/activity/").content.decode()


def test_the_menu_offers_the_team_and_contacts_who_acted(client: Client, reader: Any) -> None:
    mia, zoe, tom = make_user(name="Mia"), make_contact(given_name="Zoe"), make_contact(
        given_name="Tom"
    )  # fmt: skip
    with acting(actor=zoe, channel="web"):
        write([Draft("contact.opted_out", "contact", zoe.pk, zoe.pk, {})])
    offered = client.get("/activity/menu/who").content.decode()
    assert str(mia.pk) in offered
    assert str(zoe.pk) not in offered
    assert f"actor={zoe.pk}" in client.get("/activity/menu/who?who=zo").content.decode()
    assert "Nobody of that name" in client.get("/activity/menu/who?who=tom").content.decode()
    kept = client.get("/activity/menu/whom?whom=tom&group=change&contact=x").content.decode()
    assert f"group=change&amp;contact={tom.pk}" in kept


def test_without_scripts_a_typed_name_asks_who_is_meant(client: Client, reader: Any) -> None:
    zoe = make_contact(given_name="Zoe", family_name="Ng")
    answer = client.get("/activity/?whom=zoe").content.decode()
    assert "Who is meant by “zoe”?" in answer
    assert f"contact={zoe.pk}" in answer


def test_the_address_stays_clean_while_typing(client: Client, reader: Any) -> None:
    answer = client.get("/activity/?q=mia&kind=", headers={"HX-Request": "true"})
    assert answer.headers["HX-Push-Url"] == "/activity/?q=mia"


def test_presets_are_days_of_the_reader(client: Client, reader: Any) -> None:
    today = timezone.localdate()
    week = f"from={today - timedelta(6):%Y-%m-%d}&amp;to={today:%Y-%m-%d}"
    assert week in client.get("/activity/").content.decode()
