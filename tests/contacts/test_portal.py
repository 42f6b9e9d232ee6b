"""The portal: a contact reads what was written, answers, keeps its details, and may leave."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags

from accounts.models import User
from activity.models import ActivityEvent
from contacts.conversation import SHOWN_AT_ONCE
from contacts.models import Contact, Message
from contacts.views.portal import REPLIES_A_MINUTE
from tests.builders import make_contact, make_user
from tests.contacts.portal_people import (
    PASSWORD,
    answer,
    attach,
    give_portal,
    make_amara,
    make_portal,
    write,
)

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def amara() -> Contact:
    return make_amara()


@pytest.fixture
def user(client: Client, amara: Contact) -> User:
    user = make_portal(amara)
    client.force_login(user)
    return user


def text(content: bytes) -> str:
    return " ".join(strip_tags(content.decode().replace("<", " <")).split())


def address(name: str, *args: Any) -> str:
    return reverse(f"portal_{name}", args=[getattr(each, "pk", each) for each in args])


def reply(client: Client, contact: Contact, body: str, files: Any = (), **headers: str) -> Any:
    typed = {"id": str(uuid4()), "body": body, "attachments": list(files)}
    return client.post(address("reply", contact), typed, headers=headers or None)


def test_the_conversation_reads_from_the_oldest_to_the_newest(
    client: Client, user: User, amara: Contact
) -> None:
    write(amara, "Here is the plan.")
    answer(amara, "Thank you.")
    write(amara, "Any questions?")
    page = text(client.get("/portal/").content)
    places = [page.index(each) for each in ("the plan", "Thank you", "Any questions")]
    assert places == sorted(places)
    assert "Mia" in page


@pytest.mark.parametrize(
    ("state", "is_shown"),
    [
        ("queued", False),
        ("sending", False),
        ("cancelled", False),
        ("failed", False),
        ("sent", True),
        ("uncertain", True),
        ("bounced", True),
    ],
)
def test_only_what_has_left_is_part_of_the_conversation(
    client: Client, user: User, amara: Contact, state: str, is_shown: bool
) -> None:
    file = attach(write(amara, "The price is nine", state))
    assert ("The price is nine" in client.get("/portal/").content.decode()) == is_shown
    answer_ = client.get(address("file", amara, file))
    assert answer_.status_code == (200 if is_shown else 404)


def test_an_empty_conversation_says_so(client: Client, user: User, amara: Contact) -> None:
    page = client.get("/portal/")
    assert page.status_code == 200
    assert "Nothing was written yet" in text(page.content)


def test_what_came_by_email_is_marked(client: Client, user: User, amara: Contact) -> None:
    answer(amara, "From my mail program", "email")
    assert ", by email" in text(client.get("/portal/").content)


def test_html_in_a_message_is_text(client: Client, user: User, amara: Contact) -> None:
    write(amara, "<script>alert(1)</script><b>bold</b>")
    assert "<script>alert" not in client.get("/portal/").content.decode()


def test_a_reply_is_received_in_the_name_of_who_is_signed_in(
    client: Client, user: User, amara: Contact
) -> None:
    sent = reply(client, amara, "Works for us.\r\nThursday?")
    assert (sent.status_code, sent.url) == (303, address("conversation", amara))
    message = Message.objects.get()
    assert (message.body, message.via, message.incoming) == (
        "Works for us.\nThursday?", "portal", True
    )  # fmt: skip
    event = ActivityEvent.objects.get(verb="message.received")
    assert (event.actor_type, event.actor_id, event.who) == ("user", user.pk, "Amara Okonkwo")
    client.force_login(make_user(name="Vic"))
    page = text(client.get(amara.get_absolute_url()).content)
    assert "Amara Okonkwo replied" in page
    assert "Works for us." in page


@pytest.mark.parametrize("headers", [{}, HTMX])
@pytest.mark.parametrize("body", ["", "  \n ", "\u200b\u2060", "a\x00b", "x" * 20_001])
def test_what_cannot_be_sent_is_refused_and_kept(
    client: Client, user: User, amara: Contact, body: str, headers: dict[str, str]
) -> None:
    refused = reply(client, amara, body, **headers)
    assert refused.status_code == 422
    assert ("<html" in refused.content.decode()) == (not headers)
    assert 'role="alert"' in refused.content.decode()
    assert body.strip("\x00 \n")[:20_000] in refused.content.decode()
    assert not Message.objects.exists()


def test_the_same_form_sent_twice_is_one_message(
    client: Client, user: User, amara: Contact
) -> None:
    typed = {"id": str(uuid4()), "body": "Once"}
    for _time in range(2):
        assert client.post(address("reply", amara), typed).status_code == 303
    assert Message.objects.count() == 1
    assert ActivityEvent.objects.filter(verb="message.received").count() == 1


def test_a_form_with_the_id_of_another_message_is_refused_and_kept(
    client: Client, user: User, amara: Contact
) -> None:
    theirs = write(amara)
    typed = {"id": str(theirs.pk), "body": "Mine now"}
    refused = client.post(address("reply", amara), typed)
    assert refused.status_code == 422
    assert "Mine now" in refused.content.decode()
    theirs.refresh_from_db()
    assert theirs.body == "Here is the plan."


def test_htmx_gets_the_new_message_and_a_fresh_form(
    client: Client, user: User, amara: Contact
) -> None:
    write(amara)
    page = client.get("/portal/")
    first = page.context["stretch"].first.pk
    typed = {"id": str(uuid4()), "body": "Works for us.", "from": str(first)}
    sent = client.post(address("reply", amara), typed, headers=HTMX)
    fragment = sent.content.decode()
    assert "Works for us." in fragment
    assert "<html" not in fragment
    assert f'value="{typed["id"]}"' not in fragment
    assert "Sent" in sent.headers["HX-Trigger"]


def test_a_reply_may_carry_files_which_both_sides_can_save(
    client: Client, user: User, amara: Contact
) -> None:
    upload = SimpleUploadedFile("../../evil\x00.html", b"<script>alert(1)</script>", "text/html")
    assert reply(client, amara, "See here", [upload]).status_code == 303
    attachment = Message.objects.get().attachments.get()
    assert attachment.name == "evil.html"
    sent = client.get(address("file", amara, attachment))
    assert b"".join(sent.streaming_content) == b"<script>alert(1)</script>"
    assert sent.headers["Content-Disposition"].startswith('attachment; filename="evil.html"')
    assert sent.headers["X-Content-Type-Options"] == "nosniff"
    assert "evil.html" in text(client.get("/portal/").content)


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_flood_of_messages_is_stopped_and_the_text_kept(
    client: Client, user: User, amara: Contact, headers: dict[str, str]
) -> None:
    for _time in range(REPLIES_A_MINUTE):
        assert reply(client, amara, "Again").status_code == 303
    stopped = reply(client, amara, "One too many", **headers)
    assert stopped.status_code == 429
    assert "Wait a minute" in stopped.content.decode()
    assert "One too many" in stopped.content.decode()
    assert Message.objects.count() == REPLIES_A_MINUTE


def test_too_large_a_file_is_refused_and_the_text_kept(
    client: Client, user: User, amara: Contact, settings: Any
) -> None:
    settings.MESSAGE_MAX_FILE_BYTES = 10
    upload = SimpleUploadedFile("plan.pdf", b"x" * 11)
    refused = reply(client, amara, "See here", [upload])
    assert refused.status_code == 422
    assert "See here" in refused.content.decode()
    assert "Choose your files again." in refused.content.decode()
    assert not Message.objects.exists()


def test_a_file_that_is_no_longer_there_is_not_found(
    client: Client, user: User, amara: Contact
) -> None:
    attachment = attach(write(amara))
    Path(settings.ANNALS_VAR, "files", attachment.file.name).unlink()
    assert client.get(address("file", amara, attachment)).status_code == 404


def test_a_long_conversation_is_read_page_by_page_with_each_day_once(
    client: Client, user: User, amara: Contact
) -> None:
    count, noon = 2 * SHOWN_AT_ONCE + 5, timezone.now().replace(hour=12)
    for number in range(count):
        age = timedelta(days=(count - number) // 20, minutes=count - number)
        answer(amara, f"Message {number}.", created_at=noon - age)
    shown, days, marks = [], [], []
    page = client.get("/portal/")
    while True:
        stretch = page.context["stretch"]
        shown = [message.body for message in stretch.messages] + shown
        days = [m.created_at.date() for m in stretch.messages if m.begins_day] + days
        marks.append(page.content.decode().count('class="day-mark"'))
        if stretch.previous is None:
            break
        page = client.get(address("earlier", amara), {"before": str(stretch.first.pk)})
    assert shown == [f"Message {number}." for number in range(count)]
    assert days == sorted(set(days))
    assert marks[0] == 2  # the day that begins on it, and the one that goes on at its top


def test_without_scripts_the_earlier_messages_are_a_page(
    client: Client, user: User, amara: Contact
) -> None:
    made = [answer(amara, f"Message {number}.") for number in range(SHOWN_AT_ONCE + 1)]
    page = client.get(address("conversation", amara), {"before": str(made[1].pk)})
    assert "Message 0." in text(page.content)
    assert "Message 1." not in text(page.content)
    assert "To the newest messages" in text(page.content)


@pytest.mark.parametrize("before", ["nonsense", "0190a000-0000-7000-8000-000000000000"])
def test_a_place_that_makes_no_sense_shows_the_newest(
    client: Client, user: User, amara: Contact, before: str
) -> None:
    answer(amara, "The newest")
    for name in ("conversation", "earlier"):
        assert "The newest" in text(client.get(address(name, amara), {"before": before}).content)


def test_new_messages_come_by_asking_again_and_nothing_where_there_are_none(
    client: Client, user: User, amara: Contact
) -> None:
    first = write(amara)
    asked = {"from": str(first.pk), "seen": "1"}
    assert client.get(address("latest", amara), asked).status_code == 204
    write(amara, "One more thing")
    fragment = client.get(address("latest", amara), asked)
    assert "One more thing" in text(fragment.content)
    assert 'name="seen" value="2"' in fragment.content.decode()


def test_a_message_that_leaves_late_takes_its_place(
    client: Client, user: User, amara: Contact
) -> None:
    first = write(amara, "First")
    late = write(amara, "Written before the answer", "queued")
    answer(amara, "The answer")
    asked = {"from": str(first.pk), "seen": "2"}
    assert client.get(address("latest", amara), asked).status_code == 204
    late.deliveries.update(state="sent")
    page = text(client.get(address("latest", amara), asked).content)
    assert page.index("Written before") < page.index("The answer")


def test_the_first_message_of_an_empty_conversation_appears(
    client: Client, user: User, amara: Contact
) -> None:
    asked = {"from": "", "seen": "0"}
    assert client.get(address("latest", amara), asked).status_code == 204
    asked["seen"] = "1"  # whatever a page may say it has
    assert "Nothing was written yet" in text(client.get(address("latest", amara), asked).content)
    asked["seen"] = "0"
    write(amara, "Welcome")
    fragment = client.get(address("latest", amara), asked)
    assert "Welcome" in text(fragment.content)
    assert "Today" in text(fragment.content)


def test_a_page_costs_the_same_for_one_message_as_for_thirty(
    client: Client, user: User, amara: Contact
) -> None:
    attach(write(amara))
    with CaptureQueriesContext(connection) as few:
        client.get("/portal/")
    for _time in range(10):
        attach(write(amara))
        answer(amara)
    with CaptureQueriesContext(connection) as many:
        client.get("/portal/")
    assert len(many) == len(few) <= 12


def test_an_account_with_two_portals_chooses_one(
    client: Client, user: User, amara: Contact
) -> None:
    other = make_contact(given_name="Amara", organisation="Harbour Trust")
    give_portal(other, user)
    write(other, "About the trust")
    page = client.get("/portal/")
    assert "Harbour Trust" in text(page.content)
    assert "Calder &amp; Wren" in page.content.decode()
    assert address("conversation", other) in page.content.decode()
    assert "About the trust" in text(client.get(address("conversation", other)).content)
    assert "About the trust" not in text(client.get(address("conversation", amara)).content)


def test_times_are_the_readers(client: Client, user: User, amara: Contact) -> None:
    User.objects.filter(pk=user.pk).update(time_zone="Asia/Kathmandu")
    write(amara)
    assert "+05:45" in client.get("/portal/").content.decode()


def test_preferences_are_kept(client: Client, user: User) -> None:
    typed = {"name": "A. Okonkwo", "time_zone": "Africa/Lagos", "language": "de", "theme": "dark"}
    assert client.post("/portal/preferences/", typed).status_code == 303
    user.refresh_from_db()
    assert {name: getattr(user, name) for name in typed} == typed
    refused = client.post("/portal/preferences/", typed | {"name": ""})
    assert refused.status_code == 422


def test_leaving_ends_the_access_and_signs_out(client: Client, user: User, amara: Contact) -> None:
    assert "Leave this conversation?" in text(client.get(address("leave", amara)).content)
    assert amara.invitations.get().state == "accepted"
    page = client.post(address("leave", amara), follow=True)
    assert page.redirect_chain[-1][0].startswith("/accounts/login/")
    assert "You have left the conversation." in page.content.decode()
    assert amara.invitations.get().state == "ended"
    event = ActivityEvent.objects.get(verb="invitation.ended")
    assert event.actor_id == user.pk
    client.force_login(user)
    assert client.get(address("conversation", amara)).status_code == 404


def test_leaving_one_of_two_leads_to_the_other(client: Client, user: User, amara: Contact) -> None:
    other = make_contact(given_name="Trust")
    give_portal(other, user)
    page = client.post(address("leave", amara), follow=True)
    assert page.status_code == 200
    assert page.context["contact"] == other


def test_no_more_mail_and_mail_again(client: Client, user: User, amara: Contact) -> None:
    queued = write(amara, state="queued")
    client.post(address("mail", amara), {"wanted": "no", "reason": "Too much of it"})
    amara.refresh_from_db()
    assert (amara.do_not_contact_source, amara.do_not_contact_reason) == (
        "portal", "Too much of it"
    )  # fmt: skip
    assert queued.deliveries.get().state == "cancelled"
    event = ActivityEvent.objects.get(verb="contact.opted_out")
    assert (event.actor_id, event.payload["source"]) == (user.pk, "portal")
    assert "sends you no mail since" in text(client.get("/portal/preferences/").content)
    assert "You get no mail" in text(client.get("/portal/").content)
    assert reply(client, amara, "I can still write").status_code == 303
    client.post(address("mail", amara), {"wanted": "yes"})
    amara.refresh_from_db()
    assert amara.do_not_contact_at is None
    assert ActivityEvent.objects.get(verb="contact.opted_in").actor_id == user.pk


@pytest.mark.parametrize("typed", [{}, {"wanted": "maybe"}, {"wanted": "no", "reason": "x" * 501}])
def test_a_wish_that_makes_no_sense_changes_nothing(
    client: Client, user: User, amara: Contact, typed: dict[str, str]
) -> None:
    client.post(address("mail", amara), typed)
    amara.refresh_from_db()
    assert amara.do_not_contact_at is None


def test_a_get_changes_nothing(client: Client, user: User, amara: Contact) -> None:
    for name in ("mail", "reply"):
        assert client.get(address(name, amara)).status_code == 405
    assert client.get(address("leave", amara)).status_code == 200
    assert amara.invitations.get().state == "accepted"


def test_changing_the_password_leads_back_to_the_preferences(client: Client, user: User) -> None:
    typed = {
        "oldpassword": PASSWORD,
        "password1": "another horse 7",
        "password2": "another horse 7",
    }
    page = client.post("/accounts/password/change/", typed, follow=True)
    assert page.redirect_chain[-1][0] == "/portal/preferences/"
    assert page.status_code == 200
    user.refresh_from_db()
    assert user.check_password("another horse 7")


def test_an_archived_contact_keeps_its_portal(client: Client, user: User, amara: Contact) -> None:
    amara.archive()
    assert client.get("/portal/").status_code == 200
    assert reply(client, amara, "Still there?").status_code == 303


def test_a_portal_that_was_closed_while_its_page_was_open_takes_nothing_in(
    client: Client, user: User, amara: Contact
) -> None:
    client.get("/portal/")
    amara.invitations.get().end()
    for headers in ({}, HTMX):
        assert reply(client, amara, "Too late", **headers).status_code == 404
    assert not Message.objects.exists()
