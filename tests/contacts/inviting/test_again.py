"""Invitations that are sent again, revoked, ended or handed over as a link."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from contacts import mail
from contacts.models import Contact, Delivery, Invitation, Link
from tests.contacts.invitations import (
    ADDRESS,
    HTMX,
    invite,
    mailed_path,
    make_expired,
    make_invitation,
    sent,
    toasted,
    verbs,
    words,
)
from tests.contacts.inviting.acts import act

pytestmark = pytest.mark.django_db


def test_inviting_again_sends_the_open_invitation_again(
    client: Client, max_: User, amara: Contact
) -> None:
    first = make_invitation(amara, inviter=max_)
    old = mailed_path(sent(first))
    answer = invite(client, amara, headers=HTMX, newest="0", note="Once more")
    assert toasted(answer) == f"There was an open invitation to {ADDRESS}. It goes out again."
    assert Invitation.objects.get().note == "Once more"
    assert verbs(amara)[1:] == ["invitation.sent", "invitation.resent"]
    assert Client().get(old).status_code == 404
    assert Client().get(mailed_path(first)).status_code == 200


def test_a_click_on_resend_and_another_are_one_mail(
    client: Client, max_: User, amara: Contact
) -> None:
    invitation = sent(make_invitation(amara, inviter=max_))
    answers = [act(client, invitation, "resend", **HTMX, newest="0") for _click in range(2)]
    assert [answer.status_code for answer in answers] == [204, 204]
    assert Delivery.objects.queued().count() == 1
    assert verbs(amara).count("invitation.resent") == 1


def test_a_mail_that_was_put_off_is_sent_at_once_when_asked_for(
    client: Client, max_: User, amara: Contact
) -> None:
    later = timezone.now() + timedelta(hours=6)
    put_off = sent(make_invitation(amara), state="queued", error="The server is away.")
    Delivery.objects.update(due_at=later)
    act(client, put_off, "resend")
    [waiting] = Delivery.objects.queued()
    assert waiting.due_at < later


@pytest.mark.django_db(transaction=True)
def test_a_mail_reaches_an_address_with_an_international_domain(amara: Contact, smtp) -> None:
    make_invitation(amara, email="amara@müller.example")
    mail.deliver(Delivery.objects.get().pk)
    assert smtp.envelopes[0][1] == ["amara@xn--mller-kva.example"]
    assert Delivery.objects.get().state == "sent"


def test_an_expired_invitation_is_sent_again_in_the_same_row(
    client: Client, max_: User, amara: Contact
) -> None:
    invitation = sent(make_invitation(amara))
    invitation.expire()
    act(client, invitation, "resend")
    again = Invitation.objects.get()
    assert (again.pk, again.state, again.inviter) == (invitation.pk, "sent", max_)
    assert again.expires_at > timezone.now() + timedelta(days=6)


def test_what_was_declined_waits_for_an_answer_again_once_it_is_sent_again(
    client: Client, max_: User, amara: Contact
) -> None:
    invitation = make_invitation(amara)
    invitation.open()
    invitation.decline()
    act(client, invitation, "resend")
    invitation.refresh_from_db()
    assert (invitation.state, invitation.opened_at, invitation.answered_at) == ("sent", None, None)


def test_of_two_to_one_address_only_one_is_open(client: Client, max_: User, amara: Contact) -> None:
    old = make_invitation(amara)
    old.revoke()
    make_invitation(amara)
    answer = act(client, old, "resend", **HTMX)
    assert answer.status_code == 409
    assert toasted(answer) == f"Another invitation to {ADDRESS} is open. Send that one again."
    assert act(client, old, "resend").status_code == 409


def test_a_revoked_invitation_opens_no_more_and_its_mail_stays(
    client: Client, max_: User, amara: Contact
) -> None:
    invitation = make_invitation(amara)
    link = mailed_path(invitation)
    assert act(client, invitation, "revoke").status_code == 303
    assert Client().get(link).status_code == 404
    assert Delivery.objects.get().state == "cancelled"
    act(client, invitation, "revoke")
    assert verbs(amara)[1:] == ["invitation.sent", "invitation.revoked"]


def test_what_was_accepted_is_neither_revoked_nor_sent_again(
    client: Client, max_: User, amara: Contact
) -> None:
    invitation = make_invitation(amara)
    invitation.accept(User.objects.create_user(ADDRESS, name="Amara"))
    for action in ("revoke", "resend", "link"):
        assert act(client, invitation, action, **HTMX).status_code == 409
    assert Invitation.objects.get().state == "accepted"


def test_access_is_ended_once(client: Client, max_: User, amara: Contact) -> None:
    invitation = make_invitation(amara)
    account = User.objects.create_user(ADDRESS, name="Amara")
    invitation.accept(account)
    assert "End access" in words(client.get(amara.get_absolute_url()))
    assert act(client, invitation, "end").status_code == 303
    assert not Invitation.objects.giving_access(account).exists()
    assert act(client, invitation, "end").status_code == 303
    assert verbs(amara).count("invitation.ended") == 1


def test_a_copied_link_is_shown_once_and_replaces_the_one_before(
    client: Client, max_: User, amara: Contact
) -> None:
    invitation = make_invitation(amara)
    mailed = mailed_path(invitation)
    links = []
    for headers in ({}, HTMX):
        answer = act(client, invitation, "link", **headers)
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        token = answer.content.decode().split("/i/")[1].split("/")[0]
        links.append(f"/i/{token}/")
        assert not Link.objects.filter(digest=token).exists()
    opened = [Client().get(each).status_code for each in (*links, mailed)]
    assert opened == [404, 200, 200]


def test_a_link_is_not_copied_of_what_nobody_can_accept(
    client: Client, max_: User, amara: Contact
) -> None:
    invitation = make_expired(amara)
    answer = act(client, invitation, "link")
    assert answer.status_code == 409
    assert "Send it again for a new link." in words(answer)
    amara.archive()
    assert "is archived" in toasted(act(client, invitation, "link", **HTMX))
