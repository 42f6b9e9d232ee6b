"""A message's row: how far it got, and what came back."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from uuid_utils.compat import uuid7

from contacts.models import Delivery, Message
from tests.builders import make_user
from tests.contacts.message_rows.rows import act, now, row, send, text

pytestmark = pytest.mark.django_db


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
