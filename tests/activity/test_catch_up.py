"""What came since somebody last looked: said in one sentence, and shown where it begins."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from accounts.models import User
from activity import catch_up
from activity.catalogue import GROUPS
from activity.models import ActivityEvent, Seen
from activity.news import NEWS
from contacts.models import Contact
from tests.activity.happenings import change, happen
from tests.activity.timeline_pages import html, text
from tests.builders import make_comment, make_contact, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def mia(client: Client) -> User:
    mia = make_user(name="Mia")
    client.force_login(mia)
    return mia


@pytest.fixture
def ben() -> User:
    return make_user(name="Ben")


@pytest.fixture
def amara(mia: User) -> Contact:
    """Return a contact that Mia looked at three days ago."""
    amara = make_contact()
    look(mia, amara)
    Seen.objects.update(at=timezone.now() - timedelta(days=3, hours=2))
    return amara


def look(user: User, contact: Contact) -> None:
    Seen.objects.note(user, contact, ActivityEvent.objects.of(contact.pk)[0].id)


def line(client: Client, contact: Contact, **query: object) -> str:
    """Return what the page says of the time since, empty where it says nothing."""
    page = html(client, contact.get_absolute_url(), **query)
    found = re.search(r'id="catch-up">(.*?)</p>', page, re.DOTALL)
    return text(found[1]).removesuffix(" Where you stopped") if found else ""


def test_one_sentence_tells_what_others_did(client: Client, amara: Contact, ben: User) -> None:
    for body in ("One", "Two", "Three"):
        make_comment(amara, ben, body)
    happen(amara, actor=ben, changes=[{**change("Phone"), "field": "phones"}])
    happen(amara, "invitation.accepted", actor=ben)
    assert line(client, amara) == (
        "Since you last looked (3 days ago): 3 comments, invitation accepted and phone changed."
    )


def test_reading_clears_it(client: Client, mia: User, amara: Contact, ben: User) -> None:
    make_comment(amara, ben)
    page = html(client, amara.get_absolute_url())
    [newest] = re.findall(r'name="newest" value="(\d+)"', page)
    assert line(client, amara)
    client.post(reverse("contact_seen", args=[amara.pk]), {"newest": newest})
    assert not line(client, amara)
    make_comment(amara, ben)
    assert line(client, amara) == "Since you last looked (now): 1 comment."


def test_ones_own_doings_are_no_news(client: Client, mia: User, amara: Contact) -> None:
    happen(amara, "contact.archived", actor=mia)
    assert not line(client, amara)


def test_who_never_looked_has_missed_nothing(client: Client, amara: Contact, ben: User) -> None:
    make_comment(amara, ben)
    client.force_login(make_user(name="Max"))
    assert not line(client, amara)


def test_a_part_of_the_timeline_tells_no_news(client: Client, amara: Contact, ben: User) -> None:
    make_comment(amara, ben)
    assert not line(client, amara, q="call")
    assert not line(client, amara, at=1)
    assert line(client, amara, group="changes")


def words(*events: tuple[str, list[dict[str, Any]]]) -> str:
    made = [
        ActivityEvent(verb=verb, object_type="contact", payload={"changes": changes})
        for verb, changes in events
    ]
    return str(catch_up.News(1, timezone.now(), made))


def test_at_most_five_things_are_told_and_the_rest_is_counted() -> None:
    kinds = [(verb, []) for verb in list(NEWS)[:8]]
    assert words(*kinds) == (
        "1 comment, 1 reply, 1 message, 1 message bounced and 4 more entries"
    )  # fmt: skip


def test_of_many_fields_only_the_number_is_told() -> None:
    fields = [{**change(), "field": name} for name in ("city", "country", "notes", "street")]
    update = "contact.updated"
    assert words((update, fields[:1])) == "city changed"
    assert words((update, fields[:2]), (update, fields[:1])) == "2 fields changed (city, country)"
    assert words((update, fields)) == "4 fields changed"


def test_what_has_no_words_of_its_own_is_an_entry() -> None:
    assert words(("some.thing", [])) == "1 entry"
    assert words(*[("contact.created", [])] * 2) == "2 entries"


def test_very_much_is_not_counted_to_the_end() -> None:
    events = [("comment.added", [])] * (catch_up.COUNTED + 1)
    assert words(*events) == "more than 200 entries"


def test_all_that_people_do_has_words_of_its_own() -> None:
    shown = {verb for verb in GROUPS["people"] if not catch_up.ON_ROW & {verb}}
    assert shown - NEWS.keys() - {"contact.deleted"} == set()


def test_a_rule_shows_where_the_reader_stopped(client: Client, amara: Contact, ben: User) -> None:
    [seen] = happen(amara, "contact.archived", actor=ben)
    look(User.objects.get(name="Mia"), amara)
    happen(amara, actor=ben, times=2)
    page = html(client, amara.get_absolute_url())
    above, rule, below = page.partition('id="looked"')
    assert rule
    assert above.count('data-verb="contact.updated"') == 2
    assert f'id="e-{seen}"' in below
    assert 'href="#looked"' in above


def test_a_run_of_changes_is_parted_where_the_reader_stopped(
    client: Client, mia: User, amara: Contact, ben: User
) -> None:
    happen(amara, actor=ben, times=3)
    look(mia, amara)
    happen(amara, actor=ben, times=3)
    page = html(client, amara.get_absolute_url())
    above, _rule, below = page.partition('id="looked"')
    assert (above.count('class="fold"'), below.count('class="fold"')) == (1, 1)


def test_where_the_reader_stopped_is_not_shown_on_a_page_that_does_not_reach_it(
    client: Client, amara: Contact, ben: User
) -> None:
    happen(amara, "contact.archived", actor=ben, times=60)
    page = html(client, amara.get_absolute_url())
    assert "60 times" in text(page)
    assert "looked" not in page.replace("last looked", "")


def test_what_was_merged_in_is_news_too(client: Client, mia: User, ben: User) -> None:
    amara, twin = make_contact(), make_contact(given_name="A.")
    amara.absorb(twin, {})
    look(mia, amara)
    happen(twin, "contact.opted_out", actor=ben)
    assert "no contact wanted" in line(client, amara)


def test_how_long_ago_is_told_in_one_unit() -> None:
    now = timezone.now()
    ages = {timedelta(minutes=5): "5\xa0minutes ago", timedelta(days=16): "2\xa0weeks ago"}
    with translation.override("en"):
        for age, told in ages.items():
            assert catch_up.News(1, now - age, []).ago == told
