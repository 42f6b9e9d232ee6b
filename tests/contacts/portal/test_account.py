"""The account of a portal: its preferences, its mail, and leaving."""

import pytest
from django.test import Client

from accounts.models import User
from activity.models import ActivityEvent
from contacts.models import Contact, Message
from tests.builders import make_contact
from tests.contacts.portal.visiting import HTMX, address, reply, text
from tests.contacts.portal_people import PASSWORD, give_portal, write

pytestmark = pytest.mark.django_db


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
