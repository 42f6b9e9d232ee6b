"""A share's link that is closed, replaced or another's opens nothing."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from activity.context import acting
from contacts.models import Contact, Link, Share
from contacts.views.shared import count
from tests.builders import make_user
from tests.contacts.share_links.links import OTHER, path_of, plain, visits

pytestmark = pytest.mark.django_db


def closed_by_time(share: Share, clock: pytest.MonkeyPatch) -> None:
    later = timezone.now() + timedelta(days=7, seconds=1)
    clock.setattr(timezone, "now", lambda: later)


def closed_by_revoking(share: Share, clock: pytest.MonkeyPatch) -> None:
    share.revoke_link()


def closed_by_archiving(share: Share, clock: pytest.MonkeyPatch) -> None:
    share.contact.archive()


def closed_by_deleting(share: Share, clock: pytest.MonkeyPatch) -> None:
    Contact.objects.get(pk=share.contact_id).delete()


@pytest.mark.parametrize(
    "close", [closed_by_time, closed_by_revoking, closed_by_archiving, closed_by_deleting]
)
def test_whatever_closed_it_the_answer_is_that_of_an_unknown_link(
    client: Client, shared: Share, close: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = path_of(shared)
    close(shared, monkeypatch)
    unknown = client.get("/s/" + "x" * 43 + "/")
    for address in (path, f"{path}card.vcf"):
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(address)
        assert (answer.status_code, plain(answer)) == (404, plain(unknown))
        assert len([q for q in queries if "contacts_link" in q["sql"]]) == len(queries) == 1
    assert client.post(f"{path}opened").status_code == 200
    assert visits(shared) == 0


def test_a_link_that_closes_while_it_is_opened_is_not_counted(shared: Share) -> None:
    path_of(shared)
    shared.revoke_link()
    assert not shared.links.exists()
    assert shared.visited(OTHER) is False
    assert visits(shared) == 0


def test_a_contact_deleted_at_that_moment_is_no_error(shared: Share) -> None:
    link = Link.objects.create(digest="0" * 64, share=shared, recipient=OTHER)
    Contact.objects.get(pk=shared.contact_id).delete()
    count(link)
    assert visits(shared) == 0


def test_a_resent_link_replaces_the_one_before(client: Client, shared: Share) -> None:
    first = path_of(shared)
    shared.deliveries.update(state="bounced")
    assert Share.objects.get().resend(OTHER)
    second = path_of(shared)
    assert client.get(first).status_code == 404
    assert client.get(second).status_code == 200


def test_the_link_of_an_invitation_opens_no_share(client: Client, amara: Contact) -> None:
    from contacts.models import Invitation

    with acting(actor=make_user(name="Max")):
        invitation = Invitation.send(
            amara, inviter=make_user(name="Ada"), email=amara.email, role="client"
        )
    token = Link.make(invitation=invitation, recipient=amara.email).split("/")[-2]
    assert client.get(f"/s/{token}/").status_code == 404
