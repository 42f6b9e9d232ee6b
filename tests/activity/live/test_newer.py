"""What an open page is answered when it asks for what is newer than it shows."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from activity.context import acting
from activity.models import ActivityEvent
from contacts.models import Contact, Delivery
from tests.builders import make_comment, make_contact, make_user
from tests.contacts import outbox

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> Any:
    """Make an administrator."""
    return make_user(name="Ada")


@pytest.fixture
def amara(ada: Any) -> Contact:
    """Make a contact that was written about."""
    contact = make_contact(owner=ada)
    make_comment(contact, ada, body="Known already")
    return contact


@pytest.fixture
def ask(client: Client, amara: Contact) -> Any:
    """Return a function that asks as a page does that was opened just now; by default Ben's."""
    client.force_login(make_user(name="Ben"))
    shown = {"newest": ActivityEvent.objects.of(amara.pk).first().id}
    shown["since"] = timezone.now().timestamp() + 5

    def ask(page: str = "", **query: Any) -> str:
        address = f"{amara.get_absolute_url()}newer"
        headers = {
            "HX-Request": "true",
            "HX-Current-URL": f"http://testserver{amara.get_absolute_url()}{page}",
        }
        return client.get(address, shown | query, headers=headers).content.decode()

    return ask


def test_nothing_new_changes_nothing_on_the_page(ask: Any) -> None:
    answer = ask()
    assert "#news" not in answer
    assert "#days" not in answer
    assert "#head" not in answer


def test_new_rows_come_with_their_number(ask: Any, amara: Contact, ada: Any) -> None:
    for body in ("First", "Second"):
        make_comment(amara, ada, body=body)
    answer = ask()
    assert answer.index("Second") < answer.index("First")
    assert "2 new entries" in answer
    assert "Known already" not in answer


def test_held_rows_are_counted_only(ask: Any, amara: Contact, ada: Any) -> None:
    make_comment(amara, ada, body="Later")
    answer = ask(held=1)
    assert "1 new" in answer
    assert "data-bring" in answer
    assert "Later" not in answer
    assert 'hx-target="#since"' not in answer


def test_a_row_is_drawn_anew_when_its_comment_was_changed(ask: Any, amara: Contact) -> None:
    comment = amara.comments.get()
    row = ActivityEvent.objects.get(object_id=comment.pk)
    comment.edit("Known better", comment.version)
    answer = ask(since=timezone.now().timestamp())
    assert f'hx-target="#e-{row.id}"' in answer
    assert "Known better" in answer
    assert "#news" not in answer


def test_a_row_is_drawn_anew_when_its_mail_has_left(client: Client, ada: Any) -> None:
    delivery = outbox.message()
    event = ActivityEvent.objects.get(object_id=delivery.message_id)
    client.force_login(ada)
    query = {"newest": event.id, "since": timezone.now().timestamp() + 6}
    address = f"{delivery.contact.get_absolute_url()}newer"
    assert 'hx-target="#e-' not in client.get(address, query).content.decode()
    Delivery.objects.update(state="sent", finished_at=timezone.now())
    answer = client.get(address, query | {"since": timezone.now().timestamp()})
    assert f'hx-target="#e-{event.id}"' in answer.content.decode()


def test_head_and_facts_follow_the_contact(ask: Any, amara: Contact) -> None:
    amara.job_title = "COO"
    amara.save()
    answer = ask(since=timezone.now().timestamp())
    assert answer.count("COO") >= 2
    assert 'hx-target="#head"' in answer
    assert 'hx-target="#details"' in answer


def test_a_page_of_what_is_older_is_told_how_many_are_newer(
    ask: Any, amara: Contact, ada: Any
) -> None:
    since = timezone.now().timestamp()
    make_comment(amara, ada, body="Later")
    answer = ask(page="?before=99&q=later", newest="", since=since)
    assert "1 new" in answer
    assert f'href="{amara.get_absolute_url()}?q=later"' in answer
    assert "#days" not in answer


def test_a_filtered_page_counts_what_fits_its_filters(ask: Any, amara: Contact, ada: Any) -> None:
    since = timezone.now().timestamp()
    make_comment(amara, ada, body="Of no interest")
    assert "#news" not in ask(page="?q=later", newest="", since=since)


def test_very_many_lead_to_the_page_anew(ask: Any, amara: Contact, ada: Any) -> None:
    with acting(actor=ada, channel="web"):
        for number in range(51):
            make_comment(amara, ada, body=f"Number {number}")
    answer = ask()
    assert "More than 50 new" in answer
    assert "Number" not in answer


def test_a_deleted_or_merged_contact_leaves_a_notice(
    ask: Any, amara: Contact, ada: Any, client: Client
) -> None:
    other = make_contact(given_name="Amara", family_name="Okonkwo-Bell")
    other.absorb(amara, {})
    assert "Amara Okonkwo was merged into Amara Okonkwo-Bell." in ask()
    with acting(actor=ada, channel="web"):
        other.delete(reason="Asked for it")
    answer = client.get(f"{other.get_absolute_url()}newer", headers={"HX-Request": "true"})
    assert answer.status_code == 410
    assert "Ada deleted this contact" in answer.content.decode()


@pytest.mark.parametrize("since", ["", "yesterday", "1e400", "nan", "-62135596800"])
def test_nonsense_is_taken_for_now(ask: Any, since: str) -> None:
    assert "#days" not in ask(since=since, newest="x")


def test_where_no_streams_are_served_the_browser_is_told_so(client: Client, ada: Any) -> None:
    client.force_login(ada)
    assert client.get("/live/").status_code == 204
