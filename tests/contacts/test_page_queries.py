"""How many queries the pages of a contact take, whatever stands on them."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from uuid_utils.compat import uuid7

from accounts.models import User
from activity.context import acting
from activity.models import ActivityEvent
from activity.rows import drawn
from contacts.models import Comment, Contact, Delivery, Invitation, Message, Share
from tests.activity.happenings import change, happen
from tests.builders import make_contact, make_user

pytestmark = pytest.mark.django_db

STATES = Delivery.State.values
HTMX = {"HX-Request": "true"}
EXPECTED = {
    "page": 11,
    "link": 10,
    "older": 8,
    "kind": 5,
    "group": 8,
    "words": 8,
    "history": 14,
    "history of words": 14,
    "archive": 11,
    "comment": 13,
}


def one_of_each(contact: Contact, member: User, number: int) -> None:
    """Have one of each thing happen that a row of its own is drawn of."""
    comment = Comment(contact=contact, author=member, body=f"Remark {number}")
    comment.save()
    if number % 3 == 1:
        comment.remove(by=member)
    files = [SimpleUploadedFile("offer.pdf", b"%PDF-")]
    Message.send(contact, author=member, address=contact.email, body="Hello", files=files)
    asked = Message.receive(contact, body=f"Question {number}", address=contact.email)
    Message.send(contact, author=member, address=contact.email, body="Answer", in_reply_to=asked)
    Invitation.send(contact, inviter=member, email=f"a{number}@calder.example", role="client")
    Share.draft(
        contact, sender=member, recipients=["a@x.example", "b@x.example"], fields=["name"],
        link_days=5,
    ).send()  # fmt: skip
    happen(contact, actor=member, changes=[change(new=f"Lagos {number}")])
    for state in STATES[number % len(STATES) :: 3]:
        waiting = Delivery.objects.filter(contact=contact, state="queued").order_by("-id")
        Delivery.objects.filter(pk__in=waiting.values("pk")[:1]).update(state=state)


@pytest.fixture
def max_(client: Client) -> User:
    manager = make_user("manager", name="Max")
    client.force_login(manager)
    return manager


@pytest.fixture
def busy(max_: User, settings: Any) -> Contact:
    """Return a contact with five entries of each kind."""
    settings.INVITATIONS_PER_HOUR = 1_000
    contact = make_contact(given_name="Ana", emails=["ana@calder.example"], owner=max_)
    with acting(actor=max_, channel="web"):
        for number in range(5):
            one_of_each(contact, max_, number)
    return contact


def requests(client: Client, contact: Contact) -> dict[str, Callable[[], Any]]:
    """Return what people ask for and do on the pages of a contact, by name."""
    ids = [event.id for event in ActivityEvent.objects.of(contact.pk)]
    address, history = contact.get_absolute_url(), reverse("contact_history", args=[contact.pk])
    older, filtered = (reverse(n, args=[contact.pk]) for n in ("timeline_older", "timeline"))

    def send(name: str, **typed: str) -> Any:
        newest = str(ActivityEvent.objects.of(contact.pk)[0].id)
        typed |= {"newest": newest}
        return client.post(reverse(name, args=[contact.pk]), typed, headers=HTMX)

    def archive() -> Any:
        is_archived = Contact.objects.get(pk=contact.pk).is_archived
        return send("contact_restore" if is_archived else "contact_archive", reason="")

    return {
        "page": lambda: client.get(address),
        "link": lambda: client.get(address, {"at": ids[len(ids) // 2]}),
        "older": lambda: client.get(older, {"before": ids[0] + 1}, headers=HTMX),
        "kind": lambda: client.get(filtered, {"kind": "message.queued"}, headers=HTMX),
        "group": lambda: client.get(filtered, {"group": "people"}, headers=HTMX),
        "words": lambda: client.get(filtered, {"q": "max"}, headers=HTMX),
        "history": lambda: client.get(history),
        "history of words": lambda: client.get(history, {"q": "max"}),
        "archive": archive,
        "comment": lambda: send("contact_comments", id=str(uuid7()), body="Remark"),
    }


def counted(ask: Callable[[], Any]) -> int:
    """Return how many queries a request takes, none of its rows having been drawn before."""
    drawn.clear()
    ask()  # what each process reads once
    drawn.clear()
    with CaptureQueriesContext(connection) as queries:
        answer = ask()
    assert answer.status_code == 200, answer
    return len(queries)


def test_pages_and_actions_take_as_many_queries_however_much_there_is(
    client: Client, max_: User, busy: Contact
) -> None:
    few = {name: counted(ask) for name, ask in requests(client, busy).items()}
    with acting(actor=max_, channel="web"):
        for number in range(5, 12):
            one_of_each(busy, max_, number)
    many = {name: counted(ask) for name, ask in requests(client, busy).items()}
    assert few == many == EXPECTED


def test_a_page_of_two_hundred_changes_takes_no_more(
    client: Client, max_: User, busy: Contact
) -> None:
    happen(busy, actor=max_, times=200, changes=[change()])
    assert counted(requests(client, busy)["page"]) <= EXPECTED["page"]


def test_a_lost_role_is_lost_with_the_next_request(
    client: Client, max_: User, busy: Contact
) -> None:
    address = busy.get_absolute_url()
    assert "Take back link" in client.get(address).content.decode()
    max_.assign_role("viewer")
    page = client.get(address).content.decode()
    assert "Take back link" not in page
    assert "Add comment" not in page
    User.objects.filter(pk=max_.pk).update(is_active=False)
    assert client.get(address).status_code == 302
