"""The mail that a message becomes, and what it answers."""

import pytest
from django.core import mail as outbox
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from contacts.mail import deliver
from contacts.models import Contact, Delivery, Invitation, Message
from tests.builders import make_comment, make_contact
from tests.contacts.messages.writing import leave, text, write

pytestmark = pytest.mark.django_db


def test_the_mail_says_who_writes_how_to_answer_and_how_to_stop(client, mia, ana) -> None:
    write(client, ana, "It's <b>O'Brien</b> & **you**", subject="R&D <now>")
    sent = leave()
    [html] = [content for content, kind in sent.alternatives if kind == "text/html"]
    assert sent.subject == "R&D <now>"
    assert sent.body.startswith("It's <b>O'Brien</b> & **you**\n")
    assert "Mia wrote this to you. To answer, reply to this mail." in sent.body
    assert "/u/" in sent.body
    assert "&lt;b&gt;O'Brien&lt;/b&gt; &amp; <strong>you</strong>" in html
    assert "<title>R&amp;D &lt;now&gt;</title>" in html
    assert "<b>Mia</b> wrote this to you." in html
    assert sent.extra_headers["List-Unsubscribe"].strip("<>") in html
    assert "portal" not in sent.body


def test_the_mail_leads_to_the_portal_where_the_contact_has_one(client, mia, ana) -> None:
    invitation = Invitation.send(ana, inviter=mia, email=ana.email, role="client")
    invitation.state = "accepted"
    invitation.save(verb="invitation.accepted")
    write(client, ana)
    Delivery.objects.update(due_at=timezone.now())
    deliver(Delivery.objects.get(invitation=None).pk)
    assert "/portal/" in outbox.outbox[0].body


def test_without_a_subject_the_mail_says_from_whom_it_is(client, mia, ana) -> None:
    write(client, ana)
    assert leave().subject == "Message from Mia at Annals"


def test_no_comment_ever_stands_in_a_mail(client: Client, mia: User, ana: Contact) -> None:
    make_comment(ana, mia, "Difficult customer, careful")
    write(client, ana)
    sent = leave()
    assert "Difficult" not in sent.message().as_string()


def test_an_answer_names_what_it_answers(client: Client, mia: User, ana: Contact) -> None:
    asked = Message.receive(
        ana, body="When?", subject="Dates", via="email", address="office@calder.example"
    )
    page = client.get(f"{ana.get_absolute_url()}?compose=message&reply={asked.pk}")
    form = page.context["message_form"]
    assert form["subject"].value() == "Re: Dates"
    assert form.to == "office@calder.example"
    write(client, ana, "In May", reply=str(asked.pk))
    assert Message.objects.get(incoming=False).in_reply_to == asked
    assert "Answered by Mia" in text(client.get(ana.get_absolute_url()).content)
    client.post(reverse("message_cancel", args=[Message.objects.get(incoming=False).pk]))
    assert "Answered by" not in text(client.get(ana.get_absolute_url()).content)


def test_a_mail_program_shows_an_answer_below_what_it_answers(client, mia, ana) -> None:
    theirs = "<CAF+1@mail.calder.example>"
    asked = Message.receive(ana, body="When?", via="email", address=ana.email, mail_id=theirs)
    write(client, ana, "In May", reply=str(asked.pk))
    assert leave().extra_headers["In-Reply-To"] == theirs
    ours = Message.objects.get(incoming=False)
    outbox.outbox.clear()
    write(client, ana, "Or June", reply=str(ours.pk))
    assert Delivery.objects.latest("id").headers["References"] == ours.delivery.mail_id
    odd = Message.receive(ana, body="?", via="email", address=ana.email, mail_id="<a b>\n<c@d>")
    write(client, ana, "Yes", reply=str(odd.pk))
    assert "In-Reply-To" not in Delivery.objects.latest("id").headers


@pytest.mark.parametrize("key", ["nonsense", "0190a000-0000-7000-8000-000000000000"])
@pytest.mark.parametrize("name", ["reply", "edit"])
def test_an_answer_to_nothing_is_a_message_like_any(client, mia, ana, name, key) -> None:
    path = reverse("contact_compose", args=[ana.pk])
    query = {"compose": "message", name: key, "address": "eve@evil.example"}
    form = client.get(path, query).context["message_form"]
    assert (form["subject"].value(), form["body"].value()) == (None, None)
    assert form.to == "ana@calder.example"
    assert write(client, ana, **{name: key}).status_code == 303


def test_the_text_of_another_contacts_message_is_not_offered(client, mia, ana) -> None:
    other = make_contact(given_name="Ann", emails=["ann@calder.example"])
    theirs = Message.send(other, author=mia, address=other.email, body="For Ann alone")
    for name in ("reply", "edit"):
        query = {"compose": "message", name: str(theirs.pk)}
        answer = client.get(reverse("contact_compose", args=[ana.pk]), query)
        assert "For Ann alone" not in answer.content.decode()
    write(client, ana, reply=str(theirs.pk))
    assert Message.objects.get(contact=ana).in_reply_to is None
