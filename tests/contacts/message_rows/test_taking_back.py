"""Taking a message back before it leaves."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from activity.models import ActivityEvent
from contacts.models import Contact, Delivery
from tests.builders import make_contact
from tests.contacts.message_rows.rows import act, both, now, row, send, text, toast

pytestmark = pytest.mark.django_db


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
