"""Invitations as the team sends, repeats, revokes and hands them over."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from uuid_utils.compat import uuid7

from accounts.models import User
from contacts import mail
from contacts.models import Contact, Delivery, Invitation, Link
from contacts.tasks import expire_invitations
from tests.builders import make_contact, make_user
from tests.contacts.invitations import (
    ADDRESS,
    HTMX,
    invite,
    mailed_path,
    make_amara,
    make_expired,
    make_invitation,
    sent,
    toasted,
    verbs,
    words,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def max_(client: Client) -> User:
    max_ = make_user(name="Max")
    client.force_login(max_)
    return max_


@pytest.fixture
def amara() -> Contact:
    return make_amara()


def act(client: Client, invitation: Invitation, action: str, **headers: str):
    path = reverse(f"invitation_{action}", args=[invitation.pk])
    return client.post(path, headers=headers or None)


def test_max_invites_and_finds_it_on_the_contacts_page(
    client: Client, max_: User, amara: Contact
) -> None:
    answer = invite(client, amara, note="All of the second depot is in here.")
    assert (answer.status_code, answer.headers["Location"]) == (303, amara.get_absolute_url())
    page = words(client.get(amara.get_absolute_url()))
    assert f"Invitation sent to {ADDRESS}" in page
    assert f"Max invited {ADDRESS} to the portal Invited" in page
    assert "All of the second depot is in here." in page
    assert "Portal access Invited Client" in page
    delivery = Delivery.objects.get(contact=amara)
    assert (delivery.recipient, delivery.state) == (ADDRESS, "queued")


def test_htmx_gets_the_new_row_and_the_dialog_goes(
    client: Client, max_: User, amara: Contact
) -> None:
    answer = invite(client, amara, headers=HTMX, newest="0")
    assert toasted(answer) == f"Invitation sent to {ADDRESS}"
    html = answer.content.decode()
    assert '<hx-partial hx-target="#dialogs" hx-swap="innerHTML"></hx-partial>' in html
    assert 'data-verb="invitation.sent"' in html


def test_the_form_offers_the_primary_address_and_says_until_when(
    client: Client, max_: User, amara: Contact
) -> None:
    for name in ("invitation_new", "invitation_dialog"):
        page = client.get(reverse(name, args=[amara.pk]))
        assert f'value="{ADDRESS}"' in page.content.decode()
        assert f"{timezone.now() + timedelta(days=7):%-d %B %Y}" in words(page)


def test_without_an_address_it_asks_for_one_and_saves_it(client: Client, max_: User) -> None:
    contact = make_amara(emails=[])
    assert (
        'name="save_email" class="check" id="id_save_email" checked'
        in client.get(reverse("invitation_new", args=[contact.pk])).content.decode()
    )
    answer = invite(client, contact, email="")
    assert answer.status_code == 422
    assert "Enter the address to which the invitation goes." in words(answer)
    invite(client, contact, save_email="on")
    contact.refresh_from_db()
    assert contact.emails == [ADDRESS]
    assert verbs(contact)[1:] == ["invitation.sent", "contact.updated"]


def test_another_address_is_saved_only_if_asked_for(
    client: Client, max_: User, amara: Contact
) -> None:
    invite(client, amara, email="second@calder.example")
    amara.refresh_from_db()
    assert amara.emails == [ADDRESS]
    invite(client, amara, email="second@calder.example", save_email="on")
    invite(client, amara, email="second@calder.example", save_email="on")
    amara.refresh_from_db()
    assert amara.emails == [ADDRESS, "second@calder.example"]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Amara@Calder.Example ", ADDRESS),
        ("amara+depot@calder.example", "amara+depot@calder.example"),
        ("amara@müller.example", "amara@müller.example"),
        (f"{'a' * 60}@{'b' * 60}.{'c' * 60}.{'d' * 60}.example", None),
    ],
)
def test_an_address_is_kept_in_one_form(
    client: Client, max_: User, amara: Contact, typed: str, kept: str | None
) -> None:
    assert invite(client, amara, email=typed).status_code == 303
    assert Invitation.objects.get().email == (kept or typed)


@pytest.mark.parametrize(
    "typed", ["amara", "a@b", f"{'a' * 250}@calder.example", "a@b.example\nBcc: c@d.example"]
)
def test_what_is_no_address_is_refused_and_kept(
    client: Client, max_: User, amara: Contact, typed: str
) -> None:
    answer = invite(client, amara, email=typed, note="Typed with care", headers=HTMX)
    assert answer.status_code == 422
    assert "Typed with care" in words(answer)
    assert not Invitation.objects.exists()


@pytest.mark.parametrize(
    "typed", [{"role": "king"}, {"role": ""}, {"id": "x"}, {"note": "n" * 2_001}]
)
def test_what_makes_no_sense_is_refused(
    client: Client, max_: User, amara: Contact, typed: dict[str, str]
) -> None:
    assert invite(client, amara, **typed).status_code == 422
    assert not Invitation.objects.exists()


def test_a_double_click_is_one_invitation(client: Client, max_: User, amara: Contact) -> None:
    pk = str(uuid7())
    answers = [invite(client, amara, id=pk).status_code for _click in range(2)]
    assert answers == [303, 303]
    assert verbs(amara).count("invitation.sent") == 1
    assert Delivery.objects.count() == 1


def test_an_id_of_another_contacts_invitation_is_refused(
    client: Client, max_: User, amara: Contact
) -> None:
    theirs = make_invitation(make_contact(), email="other@calder.example")
    assert invite(client, amara, id=str(theirs.pk)).status_code == 403


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


def test_a_note_of_a_form_counts_line_ends_once() -> None:
    from contacts.forms.inviting import InvitationForm

    field = InvitationForm().fields["note"]
    assert field.clean("a\r\nb") == "a\nb"
    with pytest.raises(ValidationError):
        field.clean("n" * 2_001)
