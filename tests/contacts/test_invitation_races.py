"""Two browsers answer one invitation at once: one of them is told so."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client

from accounts.models import User
from activity.models import ActivityEvent
from contacts.models import Contact, Delivery, Invitation
from contacts.tasks import expire_invitations
from tests.builders import make_contact, make_user
from tests.contacts.invitations import (
    ADDRESS,
    PASSWORD,
    invite,
    mailed_path,
    make_amara,
    make_expired,
    make_invitation,
    words,
)
from tests.contacts.test_races import ROUNDS, at_once, statuses

pytestmark = pytest.mark.django_db(transaction=True)


def answering(path: str, name: str = "Amara", answer: str = "accept") -> Callable[[], Any]:
    """Return what answers it in a browser of its own, which has shown the page."""
    client = Client()
    client.get(path)
    typed = {"answer": answer, "name": name, "password": PASSWORD}
    return lambda: client.post(path, typed)


def meanwhile(invitation: Invitation, answer: Callable[[], Any], deed: Callable[[Any], Any]) -> Any:
    """Do something to an invitation while an answer to it waits; return what came of that."""
    holds = threading.Event()

    def do() -> None:
        with transaction.atomic():
            contact = Contact.objects.locked(invitation.contact_id)
            held = Invitation.objects.select_for_update().get(pk=invitation.pk)
            held.contact = contact
            holds.set()
            while not somebody_waits():
                pass
            deed(held)

    def wait() -> Any:
        assert holds.wait(timeout=10)
        return answer()

    return at_once(do, wait)[1]


def somebody_waits() -> bool:
    """Tell whether a session of this database stands at a lock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")
        return cursor.fetchone()[0]


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_two_browsers_accept_at_once_and_one_account_is_made(_round: int) -> None:
    path = mailed_path(make_invitation())
    answers = at_once(answering(path, "First"), answering(path, "Second"))
    first, second = sorted(answers, key=lambda answer: answer.status_code)
    assert (first.status_code, first.headers["Location"]) == (303, "/portal/")
    # told so where it waited for the first; where it came later, the link opened nothing any more
    assert second.status_code in {404, 409}
    assert User.objects.filter(email=ADDRESS).count() == 1
    assert Invitation.objects.get().account.email == ADDRESS
    assert ActivityEvent.objects.filter(verb="invitation.accepted").count() == 1


def test_who_accepts_a_moment_later_is_told_so_and_led_on() -> None:
    invitation = make_invitation()
    second = answering(mailed_path(invitation), "Second")

    def accept(held: Invitation) -> None:
        held.accept(User.objects.create_user(ADDRESS, PASSWORD, name="First"))

    answer = meanwhile(invitation, second, accept)
    assert answer.status_code == 409
    assert "This invitation was accepted a moment ago" in words(answer)
    assert 'href="/portal/"' in answer.content.decode()
    assert User.objects.get(email=ADDRESS).name == "First"


def test_a_double_click_of_who_is_signed_in_leads_on() -> None:
    invitation = make_invitation()
    user, client = User.objects.create_user(ADDRESS, PASSWORD, name="Amara"), Client()
    client.force_login(user)
    path = mailed_path(invitation)
    answer = meanwhile(invitation, lambda: client.post(path), lambda held: held.accept(user))
    assert (answer.status_code, answer.headers["Location"]) == (303, "/portal/")


@pytest.mark.parametrize("answer", ["accept", "decline", "stop"])
@pytest.mark.parametrize(
    "deed",
    [Invitation.revoke, lambda held: held.contact.archive(), lambda held: held.contact.delete()],
    ids=["revoked", "archived", "deleted"],
)
def test_an_answer_that_comes_too_late_changes_nothing(
    answer: str, deed: Callable[[Invitation], Any]
) -> None:
    invitation = make_invitation()
    late = meanwhile(invitation, answering(mailed_path(invitation), answer=answer), deed)
    assert late.status_code == 404
    assert "This link opens nothing now" in words(late)
    assert not User.objects.filter(email=ADDRESS).exists()
    assert not ActivityEvent.objects.filter(verb="contact.opted_out").exists()


def test_declining_and_accepting_at_once_is_one_or_the_other() -> None:
    path = mailed_path(make_invitation())
    at_once(answering(path), answering(path, answer="decline"))
    state = Invitation.objects.get().state
    assert state in {"accepted", "declined"}
    assert User.objects.filter(email=ADDRESS).exists() == (state == "accepted")


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_two_invitations_to_one_address_make_one_account(_round: int) -> None:
    paths = [mailed_path(make_invitation(make_contact())) for _contact in range(2)]
    answers = at_once(*map(answering, paths))
    first, second = sorted(answers, key=lambda answer: answer.status_code)
    assert (first.status_code, second.status_code) == (303, 409)
    assert "Sign in to accept" in words(second)
    assert User.objects.filter(email=ADDRESS).count() == 1
    assert Invitation.objects.living().count() == 1


def test_inviting_twice_at_once_is_one_invitation_and_one_mail() -> None:
    contact, max_ = make_amara(), make_user(name="Max")
    clients = [Client(), Client()]
    for client in clients:
        client.force_login(max_)
    answers = at_once(*(lambda client=client: invite(client, contact) for client in clients))
    assert statuses(answers) == [303, 303]
    assert Invitation.objects.count() == 1
    assert Delivery.objects.exclude(state="cancelled").count() == 1


def test_expiring_in_two_workers_at_once_is_one_event() -> None:
    make_expired()
    at_once(expire_invitations, expire_invitations)
    assert ActivityEvent.objects.filter(verb="invitation.expired").count() == 1
