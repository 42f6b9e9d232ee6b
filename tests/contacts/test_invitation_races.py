"""Two browsers answer one invitation at once: one of them is told so."""

import re

import pytest
from django.test import Client

from accounts.models import User
from activity.models import ActivityEvent
from contacts.models import Delivery, Invitation
from contacts.tasks import expire_invitations
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


def accepting(path: str, name: str, **typed: str):
    """Return what accepts it in a browser of its own, which has shown the page."""
    client = Client()
    client.get(path)
    typed = {"answer": "accept", "name": name, "password": PASSWORD, **typed}
    return lambda: client.post(path, typed)


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_two_browsers_accept_at_once_and_one_is_told_so(_round: int) -> None:
    invitation = make_invitation()
    path = mailed_path(invitation)
    answers = at_once(accepting(path, "First"), accepting(path, "Second"))
    first, second = sorted(answers, key=lambda answer: answer.status_code)
    assert (first.status_code, first.headers["Location"]) == (303, "/portal/")
    # told so where it waited for the first; where it came later, the link opened nothing any more
    assert second.status_code in {404, 409}
    assert re.search("accepted a moment ago|opens nothing now", words(second))
    assert User.objects.filter(email=ADDRESS).count() == 1
    assert Invitation.objects.get().account.email == ADDRESS
    assert ActivityEvent.objects.filter(verb="invitation.accepted").count() == 1


def test_the_second_of_two_who_wait_is_led_to_the_sign_in() -> None:
    from django.db import transaction

    from contacts.models import Contact

    invitation = make_invitation()
    path = mailed_path(invitation)

    def accept_while_the_other_waits():
        with transaction.atomic():
            Contact.objects.locked(invitation.contact_id)
            started.set()
            assert waiting()
            found = Invitation.objects.select_for_update().get()
            found.accept(User.objects.create_user(ADDRESS, PASSWORD, name="First"))

    def waiting() -> bool:
        """Wait until the other session stands at the lock."""
        from django.db import connection

        for _try in range(2_000):
            with connection.cursor() as cursor:
                cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
                if cursor.fetchone()[0]:
                    return True
        return False

    def accept_second():
        started.wait(timeout=10)
        return second()

    import threading

    started = threading.Event()
    second = accepting(path, "Second")
    _first, answer = at_once(accept_while_the_other_waits, accept_second)
    assert answer.status_code == 409
    assert "This invitation was accepted a moment ago" in words(answer)
    assert 'href="/portal/"' in answer.content.decode()
    assert User.objects.get(email=ADDRESS).name == "First"


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_accepting_and_revoking_at_once_is_one_or_the_other(_round: int) -> None:
    invitation = make_invitation()
    path = mailed_path(invitation)

    def revoke():
        from django.db import transaction

        from contacts.models import Contact

        with transaction.atomic():
            Contact.objects.locked(invitation.contact_id)
            return Invitation.objects.select_for_update().get().revoke()

    answer, revoked = at_once(accepting(path, "Amara"), revoke)
    state = Invitation.objects.get().state
    assert (state, answer.status_code, revoked) in {
        ("accepted", 303, False),
        ("revoked", 404, True),
    }
    assert User.objects.filter(email=ADDRESS).exists() == (state == "accepted")


def test_inviting_twice_at_once_is_one_invitation_and_one_mail() -> None:
    from tests.builders import make_user

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
