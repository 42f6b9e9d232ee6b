"""A message's row: how far it got, what can be done about it, and what came back."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags
from uuid_utils.compat import uuid7

from accounts.models import User
from activity.models import ActivityEvent
from contacts.models import Contact, Delivery, Invitation, Message
from tests.builders import make_contact, make_user

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
both = pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "fragment"])


@pytest.fixture
def mia(client: Client) -> User:
    mia = make_user(name="Mia")
    client.force_login(mia)
    return mia


@pytest.fixture
def ana() -> Contact:
    return make_contact(given_name="Ana", emails=["ana@calder.example", "office@calder.example"])


@pytest.fixture
def message(mia: User, ana: Contact) -> Message:
    return send(ana, mia)


def send(contact: Contact, author: User, body: str = "Hello Ana", **fields) -> Message:
    return Message.send(contact, author=author, address=contact.email, body=body, **fields)


def now(message: Message, **fields) -> Delivery:
    """Bring the delivery of a message into a state, as if the worker had."""
    delivery = Delivery.objects.filter(message=message).latest("id")
    Delivery.objects.filter(pk=delivery.pk).update(finished_at=timezone.now(), **fields)
    delivery.refresh_from_db()
    return delivery


def act(client: Client, name: str, pk: object, headers=None, **typed):
    return client.post(reverse(name, args=[pk]), typed, headers=headers or None)


def row(client: Client, message: Message) -> str:
    return client.get(reverse("message_row", args=[message.pk])).content.decode()


def text(html: str) -> str:
    return " ".join(strip_tags(html).split())


def toast(answer) -> dict:
    return json.loads(answer.headers["HX-Trigger"])["toast"]


@pytest.mark.parametrize(
    ("fields", "said", "offered"),
    [
        ({"state": "queued"}, "is sending Queued, leaves at", ["Don’t send", "Edit"]),
        ({"state": "queued", "attempts": 2, "error": "It is full."},
         "is sending Not sent yet, next try at It is full.", ["Don’t send", "Edit"]),
        ({"state": "sending", "attempts": 1}, "is sending Sending", []),
        ({"state": "sent", "attempts": 1}, "sent Sent", ["Follow up"]),
        ({"state": "sent", "delivered_at": timezone.now()}, "sent Delivered", ["Follow up"]),
        ({"state": "failed", "error": "No such mailbox."}, "wrote Not sent No such mailbox.",
         ["Try again", "Change address"]),
        ({"state": "bounced", "error": "Their mailbox is full."},
         "sent Bounced Their mailbox is full.", ["Try again", "Change address"]),
        ({"state": "cancelled", "error": "Mia took it back."},
         "wrote Cancelled Mia took it back.", ["Edit and send"]),
        ({"state": "uncertain"}, "sent Perhaps sent Nobody knows", ["It arrived", "Send again"]),
    ],
)  # fmt: skip
def test_the_row_says_how_far_it_got_and_offers_what_helps(client, message, fields, said, offered):
    now(message, **fields)
    html = row(client, message)
    for words in said.split(" "):
        assert words in text(html)
    every = {"Don’t send", "Edit and send", "Follow up", "Try again", "Change address"}
    every |= {"It arrived", "Send again"}
    assert {words for words in every if words in text(html)} == set(offered) - {"Edit"}
    assert ("hx-trigger" in html) == (fields["state"] in ("queued", "sending"))
    client.force_login(make_user(name="Vic"))
    seen = row(client, message)
    assert not [words for words in every if words in text(seen)]
    assert "<button" not in seen


def test_a_row_that_waits_is_asked_for_again_and_one_that_is_as_it_was_is_not_drawn(
    client, message
) -> None:
    [living] = Message.for_timeline([message.pk]).values()
    path = reverse("message_row", args=[message.pk])
    assert client.get(path, {"seen": living.stamp}).status_code == 204
    now(message, state="sent")
    answer = client.get(path, {"seen": living.stamp})
    assert answer.status_code == 200
    assert "Sent" in text(answer.content.decode())
    assert client.get(reverse("message_row", args=[uuid7()])).status_code == 404


@both
def test_mia_takes_a_message_back_before_it_leaves(client, message, headers) -> None:
    answer = act(client, "message_cancel", message.pk, headers)
    assert answer.status_code == (200 if headers else 303)
    if headers:
        assert "Mia took it back." in text(answer.content.decode())
        assert toast(answer)["text"] == "Cancelled. Nothing was sent."
    assert Delivery.objects.get().state == "cancelled"
    assert "Mia took it back." in text(row(client, message))
    again = act(client, "message_cancel", message.pk, headers)
    assert again.status_code == answer.status_code
    assert ActivityEvent.objects.filter(verb="message.cancelled").count() == 1


@both
def test_taken_back_to_be_edited_its_text_is_in_the_composer_again(client, mia, ana, headers):
    message = send(ana, mia, "Hello Ana", subject="Dates")
    answer = act(client, "message_cancel", message.pk, headers, edit="1")
    if not headers:
        assert answer.status_code == 303
        answer = client.get(answer.headers["Location"])
    composer = answer.content.decode().partition('id="composer"')[2].partition("</section>")[0]
    assert "Hello Ana" in composer
    assert 'value="Dates"' in composer
    assert str(message.pk) != answer.context["message_form"]["id"].value()
    assert Delivery.objects.get().state == "cancelled"


def test_a_message_with_files_is_not_offered_to_be_edited(client, mia, ana) -> None:
    message = send(ana, mia, files=[SimpleUploadedFile("a.txt", b"x")])
    assert 'name="edit"' not in row(client, message)
    act(client, "message_cancel", message.pk)
    assert "Edit and send" not in row(client, message)


@pytest.mark.parametrize("state", ["sending", "sent", "failed", "bounced", "uncertain"])
@both
def test_too_late_to_take_it_back_is_said_and_changes_nothing(client, message, state, headers):
    now(message, state=state, attempts=1)
    answer = act(client, "message_cancel", message.pk, headers, edit="1")
    assert answer.status_code == (200 if headers else 303)
    if headers:
        assert toast(answer)["text"] == "Too late, it is on its way already."
        assert 'id="composer"' not in answer.content.decode()
    assert Delivery.objects.get().state == state
    assert not ActivityEvent.objects.filter(verb="message.cancelled").exists()


def test_what_the_team_did_to_the_contact_stands_on_the_row(client, mia, ana) -> None:
    message = send(ana, mia)
    Contact.objects.get(pk=ana.pk).archive()
    assert "The contact was archived." in text(row(client, message))
    other = make_contact(given_name="Ann", emails=["ann@calder.example"])
    message = send(other, mia)
    other.opt_out(source="team")
    assert "The contact asked not to be contacted." in text(row(client, message))


@both
@pytest.mark.parametrize("state", ["failed", "bounced", "cancelled", "uncertain"])
def test_what_did_not_arrive_is_sent_again(client, message, state, headers) -> None:
    now(message, state=state, attempts=1)
    answer = act(client, "message_retry", message.pk, headers)
    assert answer.status_code == (200 if headers else 303)
    newest = Delivery.objects.latest("id")
    assert (newest.state, newest.recipient) == ("queued", "ana@calder.example")
    assert Delivery.objects.count() == 2
    act(client, "message_retry", message.pk, headers)
    assert Delivery.objects.count() == 2


@pytest.mark.parametrize("state", ["queued", "sending", "sent"])
def test_what_is_on_its_way_or_arrived_is_not_sent_twice(client, message, state) -> None:
    now(message, state=state, attempts=1)
    answer = act(client, "message_retry", message.pk, HTMX)
    assert toast(answer)["text"] == "It is on its way already."
    assert Delivery.objects.count() == 1


def test_it_goes_to_another_address_of_the_contact(client, message) -> None:
    now(message, state="bounced")
    assert "office@calder.example" in row(client, message)
    act(client, "message_retry", message.pk, HTMX, address="office@calder.example")
    assert Delivery.objects.latest("id").recipient == "office@calder.example"
    assert "to office@calder.example" in text(row(client, message))


@both
def test_it_never_goes_to_somebody_elses_address(client, message, headers) -> None:
    now(message, state="bounced")
    answer = act(client, "message_retry", message.pk, headers, address="eve@evil.example")
    assert answer.status_code == 422
    said = toast(answer)["text"] if headers else text(answer.content.decode())
    assert "eve@evil.example is not an address of Ana" in said
    assert Delivery.objects.count() == 1


def test_it_does_not_go_again_to_an_address_that_was_taken_off(client, message, ana) -> None:
    now(message, state="bounced")
    ana.emails = ["new@calder.example"]
    ana.save()
    assert act(client, "message_retry", message.pk, HTMX).status_code == 422
    assert "new@calder.example" in row(client, message)
    assert act(client, "message_retry", message.pk, address="new@calder.example").status_code == 303


@both
def test_nothing_is_sent_again_to_whom_nothing_may_be_sent(client, message, ana, headers) -> None:
    now(message, state="failed")
    Contact.objects.get(pk=ana.pk).archive()
    answer = act(client, "message_retry", message.pk, headers)
    assert answer.status_code == 409
    assert "Restore this contact to write a message." in text(answer.content.decode())
    if headers:
        assert toast(answer)["text"] == "Ana is archived. Restore this contact first."
    assert Delivery.objects.count() == 1


@both
def test_somebody_who_asked_notes_that_it_arrived(client, message, headers) -> None:
    delivery = now(message, state="uncertain", attempts=1)
    answer = act(client, "delivery_arrived", delivery.pk, headers)
    assert answer.status_code == (200 if headers else 303)
    assert Delivery.objects.get().state == "sent"
    act(client, "delivery_arrived", delivery.pk, headers)
    assert ActivityEvent.objects.filter(verb="message.confirmed").count() == 1


def test_what_is_known_to_have_failed_did_not_arrive(client, message) -> None:
    delivery = now(message, state="failed")
    act(client, "delivery_arrived", delivery.pk)
    assert Delivery.objects.get().state == "failed"


def test_a_viewer_changes_nothing_and_a_link_neither(client, message) -> None:
    delivery = Delivery.objects.get()
    addresses = [
        ("message_cancel", message.pk),
        ("message_retry", message.pk),
        ("delivery_arrived", delivery.pk),
    ]
    for name, pk in addresses:
        assert client.get(reverse(name, args=[pk])).status_code == 405
        assert client.post(reverse(name, args=[uuid7()])).status_code == 404
    client.force_login(make_user(name="Vic"))
    for name, pk in addresses:
        assert act(client, name, pk).status_code == 403
    assert Delivery.objects.get().state == "queued"


def test_nobody_cancels_what_came_in(client, mia, ana) -> None:
    came = Message.receive(ana, body="When?", via="email", address=ana.email)
    assert act(client, "message_cancel", came.pk).status_code == 404
    assert act(client, "message_retry", came.pk).status_code == 404


@pytest.mark.parametrize(
    ("via", "words"), [("email", "Ana replied by email"), ("portal", "replied in the portal")]
)
def test_an_answer_stands_in_the_timeline_with_what_it_quoted_folded(client, mia, ana, via, words):
    came = Message.receive(
        ana,
        body="Works for **us** <script>",
        quoted="Mia wrote: <b>when?</b>",
        subject="Re: Dates",
        via=via,
        address=ana.email,
        files=[SimpleUploadedFile("plan.pdf", b"x" * 412_000, "application/pdf")],
    )
    html = client.get(ana.get_absolute_url()).content.decode()
    bubble = html.partition(f'id="message-{came.pk}"')[2].partition("</article>")[0]
    assert words in text(html)
    assert "<strong>us</strong> &lt;script&gt;" in bubble
    folded = bubble.partition("<details")[2].partition("</details>")[0]
    assert "Mia wrote: &lt;b&gt;when?&lt;/b&gt;" in folded
    assert "plan.pdf" in bubble
    assert "402.3" in bubble
    assert "Reply" in text(bubble)
    assert "Automatic reply" not in bubble


def test_an_automatic_reply_is_marked(client, mia, ana) -> None:
    Message.receive(ana, body="I am away", via="email", address=ana.email, is_automatic=True)
    assert "Automatic reply" in client.get(ana.get_absolute_url()).content.decode()


def test_a_failure_leads_to_the_message_it_is_about(client, message, ana) -> None:
    Delivery.objects.update(state="sending", attempts=1)
    Delivery.objects.get().failed("No such mailbox.")
    html = client.get(ana.get_absolute_url()).content.decode()
    assert f'href="#message-{message.pk}"' in html
    assert html.count("No such mailbox.") == 2


def test_a_page_of_messages_takes_as_many_queries_as_one_message(client, mia, ana) -> None:
    def counted() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get(ana.get_absolute_url())
        return len(queries)

    send(ana, mia, files=[SimpleUploadedFile("a.txt", b"x")])
    Message.receive(ana, body="Answer", via="email", address=ana.email)
    counted()
    one = counted()
    for number in range(20):
        send(ana, mia, f"Hello {number}", files=[SimpleUploadedFile("a.txt", b"x")])
        Message.receive(ana, body=f"Answer {number}", via="email", address=ana.email)
    assert counted() == one


@both
def test_who_may_invite_notes_that_an_invitation_arrived(client, mia, ana, headers) -> None:
    max_ = make_user(name="Max")
    invitation = Invitation.send(ana, inviter=max_, email=ana.email, role="client")
    delivery = Delivery.objects.get()
    Delivery.objects.update(state="uncertain", attempts=1)
    assert act(client, "delivery_arrived", delivery.pk, headers).status_code == 403
    client.force_login(max_)
    answer = act(client, "delivery_arrived", delivery.pk, headers)
    assert answer.status_code == (200 if headers else 303)
    assert f"invitation-{invitation.pk}" in (
        answer.content.decode() if headers else answer.headers["Location"]
    )
    assert Delivery.objects.get().state == "sent"
