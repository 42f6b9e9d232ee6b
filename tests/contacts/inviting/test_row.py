"""The row of an invitation, and its mail."""

import pytest
from django.test import Client
from django.urls import reverse
from uuid_utils.compat import uuid7

from accounts.models import User
from contacts.models import Contact, Delivery, Invitation, Link
from contacts.tasks import expire_invitations
from tests.builders import make_user
from tests.contacts.invitations import (
    ADDRESS,
    mailed_path,
    make_expired,
    make_invitation,
    sent,
    verbs,
    words,
)
from tests.contacts.inviting.acts import act

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("failed", "The mail was not sent. No such user."),
        ("bounced", "The mail came back. No such user."),
        ("uncertain", "Nobody knows whether this mail left"),
        ("queued", "The mail has not left yet. No such user."),
    ],
)
def test_the_row_says_what_became_of_the_mail(
    client: Client, max_: User, amara: Contact, state: str, said: str
) -> None:
    sent(make_invitation(amara), state=state, error="No such user.")
    page = words(client.get(amara.get_absolute_url()))
    assert said in page
    assert "Send again" in page


def test_a_person_says_that_an_uncertain_mail_arrived(
    client: Client, max_: User, amara: Contact
) -> None:
    invitation = sent(make_invitation(amara), state="uncertain")
    assert "It arrived" in words(client.get(amara.get_absolute_url()))
    act(client, invitation, "arrived")
    act(client, invitation, "arrived")
    assert Delivery.objects.get().state == "sent"
    assert verbs(amara).count("invitation.confirmed") == 1


def test_a_row_is_fetched_anew_only_when_it_changed(
    client: Client, max_: User, amara: Contact
) -> None:
    invitation = make_invitation(amara)
    path = reverse("invitation_row", args=[invitation.pk])
    assert client.get(path, {"shown": invitation.stamp}).status_code == 204
    sent(invitation)
    assert "invited" in words(client.get(path, {"shown": invitation.stamp}))
    assert client.get(reverse("invitation_row", args=[uuid7()])).status_code == 204


def test_time_and_the_inviters_leaving_end_an_invitation(amara: Contact) -> None:
    ben = make_user("manager", name="Ben")
    over = make_expired(amara)
    orphan = make_invitation(amara, email="second@calder.example", inviter=ben)
    open_ = make_invitation(amara, email="third@calder.example")
    ben.is_active = False
    ben.save()
    expire_invitations()
    expire_invitations()
    states = [Invitation.objects.get(pk=each.pk).state for each in (over, orphan, open_)]
    assert states == ["expired", "revoked", "sent"]
    assert [verb for verb in verbs(amara) if verb in {"invitation.expired", "invitation.revoked"}]
    assert Delivery.objects.queued().count() == 1


def test_an_invitation_keeps_the_address_it_was_sent_to(
    client: Client, max_: User, amara: Contact
) -> None:
    invitation = make_invitation(amara)
    amara.emails = ["new@calder.example"]
    amara.save()
    assert f'value="{ADDRESS}"' in Client().get(mailed_path(invitation)).content.decode()


def test_the_mail_says_what_it_is_and_escapes_where_it_has_to(amara: Contact) -> None:
    tim = make_user("manager", name="Tim <b>O'Brien</b>", email="tim@annals.example")
    note = "<script>alert('x')</script> & “all of it”\nSecond line"
    make_invitation(amara, inviter=tim, note=note, role="partner")
    letter = Delivery.objects.get()
    assert letter.subject == "Tim <b>O'Brien</b> invites you to Annals"
    assert note in letter.text
    assert "<script>" not in letter.html
    assert "&lt;script&gt;" in letter.html
    assert "<b>O&#x27;Brien" not in letter.html
    assert "as a partner" in letter.text
    assert "/i/personal-link/" in letter.text
    assert "/u/" in letter.text
    assert "<img" not in letter.html
    assert letter.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert letter.headers["Reply-To"] == "tim@annals.example"
    make_invitation(amara, email="b@calder.example", role="team")
    assert "join the team" in Delivery.objects.latest("id").text


def test_a_database_holds_no_token(amara: Contact) -> None:
    path = mailed_path(make_invitation(amara))
    token = path.split("/")[2]
    assert len(token) >= 43  # 256 bits in base64
    assert not Delivery.objects.filter(text__contains=token).exists()
    assert not Link.objects.filter(digest__contains=token).exists()
