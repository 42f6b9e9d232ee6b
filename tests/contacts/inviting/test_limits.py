"""Whom nobody invites, how often, and who may."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from contacts.models import Contact, Invitation
from tests.builders import make_user
from tests.contacts.invitations import ADDRESS, HTMX, invite, make_invitation, sent, toasted, words
from tests.contacts.inviting.acts import act

pytestmark = pytest.mark.django_db


def test_an_archived_contact_and_one_that_opted_out_are_not_invited(
    client: Client, max_: User, amara: Contact
) -> None:
    amara.archive()
    answer = invite(client, amara, note="Typed with care")
    assert answer.status_code == 409
    assert "Amara Okonkwo is archived. Restore this contact first." in words(answer)
    assert "Typed with care" in words(answer)
    amara.restore()
    amara.opt_out(source="team")
    answer = invite(client, amara, headers=HTMX)
    assert answer.status_code == 409
    assert "Amara Okonkwo asked not to be contacted." in words(answer)
    assert not Invitation.objects.exists()


def test_archiving_meanwhile_stops_a_resend(client: Client, max_: User, amara: Contact) -> None:
    invitation = sent(make_invitation(amara))
    amara.archive()
    assert act(client, invitation, "resend", **HTMX).status_code == 409


def test_too_many_invitations_are_refused_with_what_was_typed(
    client: Client, max_: User, amara: Contact, settings
) -> None:
    settings.INVITATIONS_PER_HOUR = 2
    for number in range(2):
        invite(client, amara, email=f"{number}@calder.example")
    answer = invite(client, amara, note="Typed with care")
    assert answer.status_code == 429
    assert "You have sent 2 invitations within an hour. Go on in a while." in words(answer)
    assert "Typed with care" in words(answer)
    assert Invitation.objects.count() == 2


def test_one_address_is_not_written_to_over_and_over(
    client: Client, max_: User, amara: Contact, settings
) -> None:
    settings.INVITATIONS_PER_ADDRESS_A_DAY = 1
    invitation = sent(make_invitation(amara))
    answer = act(client, invitation, "resend", **HTMX)
    assert answer.status_code == 429
    assert toasted(answer) == f"{ADDRESS} was invited 1 times within a day. Try again tomorrow."


def test_inviting_a_deleted_contact_says_that_it_is_gone(
    client: Client, max_: User, amara: Contact
) -> None:
    pk = amara.pk
    amara.delete()
    amara.pk = pk
    assert invite(client, amara).status_code == 410


@pytest.mark.parametrize(
    ("role", "may"),
    [("viewer", False), ("member", False), ("manager", True), ("administrator", True)],
)
def test_only_managers_and_administrators_invite(
    client: Client, amara: Contact, role: str, may: bool
) -> None:
    invitation = sent(make_invitation(amara))
    client.force_login(make_user(role, name="Someone", email="someone@annals.example"))
    page = words(client.get(amara.get_absolute_url()))
    assert ("Invite" in page.split("Invited")[0].split()) == may
    assert ("Revoke" in page) == may
    allowed = (200, 303) if may else (403, 403)
    assert client.get(reverse("invitation_new", args=[amara.pk])).status_code == allowed[0]
    second = invite(client, amara, email="second@calder.example")
    assert second.status_code == allowed[1]
    for action in ("resend", "arrived", "revoke", "end"):
        assert act(client, invitation, action).status_code == allowed[1], action


@pytest.mark.parametrize(("role", "may"), [("manager", False), ("administrator", True)])
def test_only_administrators_invite_to_the_team(
    client: Client, amara: Contact, role: str, may: bool
) -> None:
    client.force_login(make_user(role, name="Someone", email="someone@annals.example"))
    page = words(client.get(reverse("invitation_new", args=[amara.pk])))
    assert ("Team member" in page) == may
    answer = invite(client, amara, role="team")
    assert answer.status_code == (303 if may else 403)
    invitation = sent(Invitation.objects.first() or make_invitation(amara, role="team"))
    assert act(client, invitation, "link").status_code == (200 if may else 403)
    assert ("Revoke" in words(client.get(amara.get_absolute_url()))) == may


def test_access_of_the_team_is_not_ended_here(amara: Contact) -> None:
    invitation = make_invitation(amara, role="team")
    invitation.accept(User.objects.create_user(ADDRESS, name="Amara"))
    assert not invitation.end()
