"""Messages: written once, to one of the contact's own addresses, and only where it wants them."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.core import mail as outbox
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags
from uuid_utils.compat import uuid7

from accounts.models import User
from activity.models import ActivityEvent
from contacts import mail
from contacts.models import Attachment, Contact, Delivery, Invitation, Message
from tests.builders import make_comment, make_contact, make_user

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
both = pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "fragment"])
UNSEEN = ["", " ", "\n\t ", "\u200b", "\u200b\u200d \u2060\ufeff", "\u00a0\u2003", "\u202e"]


@pytest.fixture
def mia(client: Client) -> User:
    mia = make_user(name="Mia")
    client.force_login(mia)
    return mia


@pytest.fixture
def ana() -> Contact:
    return make_contact(given_name="Ana", emails=["ana@calder.example", "office@calder.example"])


def write(client: Client, contact: Contact, body: str = "Hello Ana", headers=None, **typed):
    typed = {"id": str(uuid7()), "body": body} | typed
    path = reverse("contact_messages", args=[contact.pk])
    return client.post(path, typed, headers=headers or None)


def file(name: str = "plan.pdf", size: int = 5, kind: str = "application/pdf"):
    return SimpleUploadedFile(name, b"x" * size, content_type=kind)


def text(content: bytes) -> str:
    return " ".join(strip_tags(content.decode()).split())


def leave() -> outbox.EmailMultiAlternatives:
    """Let the one message that waits leave at once, as the worker does, and return its mail."""
    Delivery.objects.update(due_at=timezone.now())
    mail.deliver(Delivery.objects.get().pk)
    [sent] = outbox.outbox
    return sent


def test_mia_writes_to_ana_and_finds_it_on_her_page(client: Client, mia: User, ana) -> None:
    answer = write(client, ana, "See **page 4**", subject="Training dates")
    assert (answer.status_code, answer.headers["Location"]) == (303, ana.get_absolute_url())
    page = client.get(ana.get_absolute_url())
    assert "<strong>page 4</strong>" in page.content.decode()
    assert "Mia is sending a message" in text(page.content)
    assert "Training dates" in text(page.content)
    assert "Leaves in 10 seconds" in text(page.content)
    assert ActivityEvent.objects.filter(verb="message.queued").count() == 1


def test_it_leaves_after_the_time_to_think_again(client: Client, mia: User, ana: Contact) -> None:
    before = timezone.now()
    write(client, ana)
    delivery = Delivery.objects.get()
    assert timedelta(seconds=9) < delivery.due_at - before < timedelta(seconds=12)
    mail.deliver(delivery.pk)
    assert not outbox.outbox
    leave()
    assert Delivery.objects.get().state == "sent"


def test_without_time_to_think_it_leaves_at_once(client, mia, ana, settings) -> None:
    settings.MESSAGE_GRACE_SECONDS = 0
    answer = write(client, ana, headers=HTMX, newest="0")
    assert json.loads(answer.headers["HX-Trigger"])["toast"]["text"] == "It is on its way."
    assert json.loads(answer.headers["HX-Trigger"])["toast"]["undo"] == ""
    assert Delivery.objects.get().due_at <= timezone.now()


def test_htmx_gets_the_row_an_empty_composer_and_a_way_to_undo(client, mia, ana) -> None:
    newest = ActivityEvent.objects.latest("id").pk
    pk = str(uuid7())
    answer = write(client, ana, "Hello Ana", HTMX, id=pk, newest=newest, subject="Dates")
    page = answer.content.decode()
    assert answer.status_code == 200
    composer = page.partition('id="composer"')[2].partition("</section>")[0]
    assert 'aria-current="page"' in composer.partition('id="tab-message"')[2]
    assert "Hello Ana" not in composer
    assert "Dates" not in composer
    assert pk not in composer
    assert f'id="message-{pk}"' in page
    toast = json.loads(answer.headers["HX-Trigger"])["toast"]
    assert toast["text"] == "Leaves in 10 seconds"
    assert toast["undo"] == reverse("message_cancel", args=[pk])


def test_sending_a_message_twice_makes_one(client: Client, mia: User, ana: Contact) -> None:
    pk = uuid7()
    for _again in range(3):
        assert write(client, ana, id=str(pk)).status_code == 303
    assert Message.objects.get().pk == pk
    assert Delivery.objects.count() == 1


def test_an_id_that_is_taken_by_another_message_is_refused(client, mia, ana) -> None:
    pk = str(uuid7())
    write(client, ana, "Mine", id=pk)
    other = make_contact(given_name="Ann", emails=["ann@calder.example"])
    assert write(client, other, "Never", id=pk).status_code == 403
    client.force_login(make_user(name="Ben"))
    assert write(client, ana, "Never", id=pk).status_code == 403
    assert Message.objects.get().body == "Mine"


def test_the_address_is_one_of_the_contacts_own(client: Client, mia: User, ana: Contact) -> None:
    write(client, ana, address="OFFICE@calder.example")
    assert Delivery.objects.get().recipient == "office@calder.example"


@both
@pytest.mark.parametrize(
    "address", ["eve@evil.example", "nonsense", "ana@calder.example\nBcc: e@e.e"]
)
def test_another_address_is_refused_and_the_text_kept(client, mia, ana, headers, address) -> None:
    answer = write(client, ana, "Hello Ana", headers, subject="Dates", address=address)
    assert answer.status_code == 422
    assert "is not an address of Ana" in text(answer.content)
    assert "Hello Ana" in answer.content.decode()
    assert "Dates" in answer.content.decode()
    assert not Delivery.objects.exists()


@both
@pytest.mark.parametrize("body", UNSEEN)
def test_a_message_nobody_could_see_is_refused(client, mia, ana, headers, body) -> None:
    answer = write(client, ana, body, headers, subject="Dates", address="office@calder.example")
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Write something first." in page
    assert 'value="Dates"' in page
    assert '<option value="office@calder.example" selected>' in page
    assert ("<html" in page) == (not headers)
    assert not Message.objects.exists()


def test_only_emoji_is_something(client: Client, mia: User, ana: Contact) -> None:
    assert write(client, ana, "\U0001f469\u200d\U0001f680").status_code == 303


@both
def test_too_long_a_text_is_refused_and_kept(client, mia, ana, headers) -> None:
    answer = write(client, ana, "x" * 20_001, headers)
    assert answer.status_code == 422
    assert "20001 characters; a message can have 20000" in text(answer.content)
    assert "x" * 20_001 in answer.content.decode()
    answer = write(client, ana, "Hello Ana", headers, subject="y" * 201)
    assert answer.status_code == 422
    assert "201 characters; a subject can have 200" in text(answer.content)
    assert "y" * 201 in answer.content.decode()


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Dates\r\nBcc: eve@evil.example", "Dates Bcc: eve@evil.example"),
        ("Da\x00tes\x0b\u2028now", "Da tes now"),
        (" \u200b ", ""),
        ("Zoë’s “plan”, \U0001f6a2", "Zoë’s “plan”, \U0001f6a2"),
    ],
)
def test_a_subject_is_one_harmless_line(client, mia, ana, typed, kept) -> None:
    assert write(client, ana, subject=typed).status_code == 303
    assert Message.objects.get().subject == kept
    sent = leave()
    assert sent.subject == kept or not kept
    assert sent.to == ["ana@calder.example"]
    assert "\n" not in sent.subject


def test_a_body_with_a_nul_is_refused_and_not_a_crash(client, mia, ana) -> None:
    assert write(client, ana, "a\x00b").status_code == 422


@pytest.mark.parametrize("pk", ["", "nonsense", "123"])
def test_a_form_without_a_usable_id_is_refused_and_the_text_kept(client, mia, ana, pk) -> None:
    answer = write(client, ana, "Hello Ana", id=pk)
    assert answer.status_code == 422
    assert "Hello Ana" in answer.content.decode()


def test_files_go_along_under_harmless_names(client: Client, mia: User, ana: Contact) -> None:
    files = [file("../../etc/pass\u202ewd.txt", kind="text/plain"), file("b.pdf")]
    assert write(client, ana, attachments=files).status_code == 303
    assert [each.name for each in Attachment.objects.all()] == ["passwd.txt", "b.pdf"]
    assert [part.get_filename() for part in leave().attachments] == ["passwd.txt", "b.pdf"]
    assert "passwd.txt" in text(client.get(ana.get_absolute_url()).content)


@both
def test_files_beyond_the_limits_are_refused_with_a_reason(client, mia, ana, settings, headers):
    settings.MESSAGE_MAX_FILES = 2
    settings.MESSAGE_MAX_FILE_BYTES, settings.MESSAGE_MAX_BYTES = 2048, 3072
    told = {
        "3 files are too many; a message can carry 2.": [file(), file(), file()],
        "“plan.pdf” has 2.9 KB; a file can have 2.0 KB.": [file(size=3000)],
        "These files have 3.9 KB together; a message can carry 3.0 KB.": [
            file(size=2000),
            file(size=2000),
        ],
        "One of these files is empty.": [file(size=0)],
    }
    for sentence, files in told.items():
        answer = write(client, ana, "Hello Ana", headers, attachments=files)
        assert answer.status_code == 422
        assert sentence in text(answer.content).replace("\xa0", " ")
        assert "Hello Ana" in answer.content.decode()
    assert not Message.objects.exists()


def test_without_scripts_files_are_to_be_chosen_again(client, mia, ana) -> None:
    answer = write(client, ana, "", attachments=[file()])
    assert "Choose the files again" in text(answer.content)


def test_a_contact_without_an_address_is_led_to_the_form(client: Client, mia: User) -> None:
    bob = make_contact(given_name="Bob")
    page = client.get(f"{bob.get_absolute_url()}?compose=message")
    assert "Bob has no email address" in text(page.content)
    assert reverse("contact_edit", args=[bob.pk]) in page.content.decode()
    answer = write(client, bob, "Hello Bob")
    assert answer.status_code == 422
    assert "Add one to this contact first." in text(answer.content)
    assert "Hello Bob" in answer.content.decode()


@both
def test_to_an_archived_contact_nothing_leaves_and_the_way_out_is_offered(
    client, mia, ana, headers
) -> None:
    ana.archive()
    answer = write(client, ana, "Hello Ana", headers)
    assert answer.status_code == 409
    assert "Restore this contact first." in text(answer.content)
    assert reverse("contact_restore", args=[ana.pk]) in answer.content.decode()
    assert "Hello Ana" in answer.content.decode()
    assert not Message.objects.exists()


def test_restoring_leads_back_to_the_message(client: Client, mia: User, ana: Contact) -> None:
    ana.archive()
    page = client.get(f"{ana.get_absolute_url()}?compose=message").content.decode()
    assert "Ana is archived" in page
    assert 'name="body"' not in page
    answer = client.post(reverse("contact_restore", args=[ana.pk]), {"compose": "message"})
    assert answer.headers["Location"] == f"{ana.get_absolute_url()}?compose=message#composer"
    assert "Send to ana@calder.example" in text(client.get(answer.headers["Location"]).content)


@both
def test_to_somebody_who_wants_no_mail_nothing_leaves(client, mia, ana, headers) -> None:
    ana.opt_out(source="team", reason="Asked on the phone")
    answer = write(client, ana, "Hello Ana", headers)
    assert answer.status_code == 409
    assert "Ana asked not to be contacted" in text(answer.content)
    assert "Asked on the phone" in text(answer.content)
    assert reverse("contact_opt_in", args=[ana.pk]) in answer.content.decode()
    assert "Hello Ana" in answer.content.decode()
    assert not Message.objects.exists()


@both
def test_a_message_to_a_contact_deleted_meanwhile_can_be_copied(client, mia, ana, headers) -> None:
    other = Client()
    other.force_login(make_user(name="Max"))
    other.post(reverse("contact_delete", args=[ana.pk]), {"confirm": ana.name})
    answer = write(client, ana, "What I had to say", headers, subject="Dates")
    assert answer.status_code == 410
    assert "What I had to say" in answer.content.decode()
    assert "Dates" in answer.content.decode()
    assert "Max deleted this contact" in text(answer.content)
    assert ("<html" in answer.content.decode()) == (not headers)


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
    Delivery.objects.all().delete()
    write(client, ana)
    assert "/portal/" in leave().body


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


def test_a_viewer_neither_writes_nor_is_offered_to(client: Client, ana: Contact) -> None:
    client.force_login(make_user(name="Vic"))
    assert write(client, ana).status_code == 403
    assert client.get(reverse("contact_compose", args=[ana.pk])).status_code == 403
    page = client.get(f"{ana.get_absolute_url()}?compose=message").content.decode()
    assert "compose=message" not in page.replace("?compose=message&amp;", "")
    assert not Message.objects.exists()


@pytest.mark.parametrize("name", ["Mia", "Max", "Ada"])
def test_all_others_of_the_team_write(client: Client, ana: Contact, name: str) -> None:
    client.force_login(make_user(name=name))
    assert write(client, ana).status_code == 303


def test_nobody_without_a_role_gets_anything(client: Client, mia: User, ana: Contact) -> None:
    write(client, ana, attachments=[file()])
    message, delivery = Message.objects.get(), Delivery.objects.get()
    client.force_login(User.objects.create_user("ana@calder.example", name="Ana"))
    assert write(client, ana).status_code in (403, 404)
    for name, pk in (
        ("message_cancel", message.pk),
        ("message_retry", message.pk),
        ("delivery_arrived", delivery.pk),
    ):
        assert client.post(reverse(name, args=[pk])).status_code in (403, 404)
    for name, pk in (
        ("contact_compose", ana.pk),
        ("message_row", message.pk),
        ("attachment", Attachment.objects.get().pk),
    ):
        assert client.get(reverse(name, args=[pk])).status_code in (403, 404)
    assert Message.objects.count() == 1


def test_the_composer_alone_is_the_composer_of_the_page(client, mia, ana) -> None:
    path = reverse("contact_compose", args=[ana.pk])
    assert 'id="comment"' in client.get(path).content.decode()
    answer = client.get(path, {"compose": "message"}, headers=HTMX).content.decode()
    assert "Send to ana@calder.example" in answer
    assert "<html" not in answer
    chosen = {"compose": "message", "address": "office@calder.example"}
    assert "Send to office@calder.example" in client.get(path, chosen).content.decode()


def test_a_file_is_handed_over_to_be_saved_and_never_run(client, mia, ana) -> None:
    page = SimpleUploadedFile('a "b".html', b"<script>alert(1)</script>", "text/html")
    write(client, ana, attachments=[page])
    kept = Attachment.objects.get()
    answer = client.get(reverse("attachment", args=[kept.pk]))
    assert b"".join(answer.streaming_content) == b"<script>alert(1)</script>"
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    client.force_login(make_user(name="Vic"))
    assert client.get(reverse("attachment", args=[kept.pk])).status_code == 200
    assert client.get(reverse("attachment", args=[uuid7()])).status_code == 404
    kept.file.storage.delete(kept.file.name)
    assert client.get(reverse("attachment", args=[kept.pk])).status_code == 404


@pytest.mark.parametrize(
    "kind", ["message/rfc822", "multipart/mixed", "nonsense", "a/b\r\nX: 1", ""]
)
def test_a_type_that_no_mail_can_carry_becomes_the_general_one(client, mia, ana, kind) -> None:
    Message.send(ana, author=mia, address=ana.email, body="See", files=[file(kind=kind)])
    kept = Attachment.objects.get()
    assert kept.content_type == "application/octet-stream"
    answer = client.get(reverse("attachment", args=[kept.pk]))
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert leave().attachments[0].get_content_type() == "application/octet-stream"


@pytest.mark.django_db(transaction=True)
def test_two_presses_at_the_same_moment_make_one_message(ana: Contact) -> None:
    mia, pk, meet = make_user(name="Mia"), str(uuid7()), Barrier(2)

    def press() -> int:
        client = Client()
        client.force_login(mia)
        meet.wait()
        try:
            return write(client, ana, id=pk).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        answers = [each.result() for each in [pool.submit(press), pool.submit(press)]]
    assert answers == [303, 303]
    assert (Message.objects.count(), Delivery.objects.count()) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_what_is_taken_back_while_it_leaves_is_either_sent_or_cancelled(ana: Contact) -> None:
    mia = make_user(name="Mia")
    for _round in range(5):
        outbox.outbox.clear()
        message = Message.send(ana, author=mia, address=ana.email, body="Hello", grace=timedelta(0))
        delivery, meet = message.delivery, Barrier(2)

        def leave_now(pk=delivery.pk, meet=meet) -> None:
            meet.wait()
            try:
                mail.deliver(pk)
            finally:
                connection.close()

        with ThreadPoolExecutor(1) as pool:
            leaving = pool.submit(leave_now)
            client = Client()
            client.force_login(mia)
            meet.wait()
            client.post(reverse("message_cancel", args=[message.pk]))
            leaving.result()
        delivery.refresh_from_db()
        assert (delivery.state, len(outbox.outbox)) in {("sent", 1), ("cancelled", 0)}
