"""Undoing what was just done: a comment deleted, an invitation revoked, a contact put away."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from accounts.models import User
from activity.models import ActivityEvent
from contacts import mail
from contacts.models import Comment, Contact, Delivery, Invitation, Link
from tests.builders import make_comment, make_user
from tests.contacts.invitations import (
    HTMX,
    copied_path,
    mailed_path,
    make_amara,
    make_invitation,
    sent,
    toasted,
    verbs,
    words,
)
from tests.contacts.inviting.acts import act

pytestmark = pytest.mark.django_db
both = pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "fragment"])


@pytest.fixture
def amara() -> Contact:
    return make_amara()


@pytest.fixture
def max_(client: Client) -> User:
    max_ = make_user(name="Max")
    client.force_login(max_)
    return max_


@pytest.fixture
def comment(amara: Contact) -> Comment:
    return make_comment(amara, make_user(name="Mia"), "Call back on the 9th")


def offered(answer: HttpResponse) -> str:
    """Return the address that the message of an answer offers for undoing."""
    return json.loads(answer.headers["HX-Trigger"])["toast"]["undo"]


def delete(client: Client, comment: Comment) -> str:
    return offered(client.post(f"/comments/{comment.pk}/delete", headers=HTMX))


def revoke(client: Client, invitation: Invitation) -> str:
    return offered(client.post(f"/invitations/{invitation.pk}/revoke", {"newest": 0}, headers=HTMX))


def later(monkeypatch: pytest.MonkeyPatch, **delay: int) -> None:
    """Let that time pass, for Django's clock and for that of signatures."""
    then = timezone.now() + timedelta(**delay)
    monkeypatch.setattr("django.utils.timezone.now", lambda: then)
    monkeypatch.setattr("django.core.signing.time.time", then.timestamp)


@both
def test_a_deleted_comment_reads_as_before_once_that_is_undone(
    client: Client, max_: User, comment: Comment, headers: dict[str, str]
) -> None:
    answer = client.post(delete(client, comment), headers=headers)
    assert answer.status_code == (200 if headers else 303)
    page = answer if headers else client.get(answer.headers["Location"])
    assert "Call back on the 9th" in words(page)
    assert "deleted this comment" not in words(client.get(comment.contact.get_absolute_url()))
    assert verbs(comment.contact)[-2:] == ["comment.deleted", "comment.restored"]


def test_without_javascript_the_next_page_offers_to_undo(
    client: Client, max_: User, comment: Comment
) -> None:
    page = client.post(f"/comments/{comment.pk}/delete", follow=True).content.decode()
    assert "Comment deleted" in page
    assert f'action="/comments/{comment.pk}/restore"' in page


def test_undoing_twice_is_once(client: Client, max_: User, comment: Comment) -> None:
    undo = delete(client, comment)
    assert [client.post(undo, headers=HTMX).status_code for _click in range(2)] == [200, 200]
    assert verbs(comment.contact).count("comment.restored") == 1


@both
def test_a_comment_deleted_over_a_minute_ago_stays_deleted(
    client: Client,
    max_: User,
    comment: Comment,
    headers: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    undo = delete(client, comment)
    later(monkeypatch, seconds=75)
    answer = client.post(undo, headers=headers)
    assert answer.status_code == 409
    says = toasted(answer) if headers else words(answer)
    assert "It is too late to undo this. The comment stays deleted." in says
    assert Comment.objects.get().deleted_at


@pytest.mark.parametrize(("name", "status"), [("Mia", 409), ("Ben", 403), ("Vic", 403)])
def test_nobody_undoes_what_max_deleted(
    client: Client, max_: User, comment: Comment, name: str, status: int
) -> None:
    undo = delete(client, comment)
    client.force_login(User.objects.filter(name=name).first() or make_user(name=name))
    assert client.post(undo).status_code == status
    assert Comment.objects.get().deleted_at


def test_the_links_of_a_revoked_invitation_work_again_once_that_is_undone(
    client: Client, max_: User, amara: Contact
) -> None:
    invitation = sent(make_invitation(amara))
    paths = [mailed_path(invitation), copied_path(invitation)]
    kept = set(Link.objects.values_list("digest", "recipient", "made_at"))
    undo = revoke(client, invitation)
    assert not Link.objects.exists()
    assert [Client().get(path).status_code for path in paths] == [404, 404]
    answer = client.post(undo, {"newest": 0}, headers=HTMX)
    assert toasted(answer) == f"The invitation to {invitation.email} is open again."
    assert [Client().get(path).status_code for path in paths] == [200, 200]
    assert set(Link.objects.values_list("digest", "recipient", "made_at")) == kept
    assert verbs(amara)[-2:] == ["invitation.revoked", "invitation.reopened"]
    assert "Max opened the revoked invitation" in words(client.get(amara.get_absolute_url()))


def test_who_had_looked_at_it_has_done_so_still(client: Client, max_: User, amara: Contact) -> None:
    invitation = sent(make_invitation(amara))
    invitation.open()
    client.post(revoke(client, invitation))
    again = Invitation.objects.get()
    assert (again.state, again.answered_at, again.is_open) == ("opened", None, True)


@pytest.mark.django_db(transaction=True)
def test_a_mail_that_had_not_left_leaves_once_after_all(
    client: Client, max_: User, amara: Contact, smtp: Any
) -> None:
    invitation = make_invitation(amara)
    undo = revoke(client, invitation)
    assert Delivery.objects.get().state == "cancelled"
    client.post(undo)
    for _nudge in range(2):
        mail.deliver(Delivery.objects.get().pk)
    assert Delivery.objects.get().state == "sent"
    assert len(smtp.envelopes) == 1


def test_an_invitation_is_opened_again_once(client: Client, max_: User, amara: Contact) -> None:
    undo = revoke(client, make_invitation(amara))
    for _click in range(2):
        assert client.post(undo).status_code == 303
    assert verbs(amara).count("invitation.reopened") == 1


def revoked_again(client: Client, invitation: Invitation) -> None:
    invitation.resend(invitation.inviter)
    act(client, Invitation.objects.get(pk=invitation.pk), "revoke")


def archived(client: Client, invitation: Invitation) -> None:
    invitation.contact.archive()


def opted_out(client: Client, invitation: Invitation) -> None:
    Contact.objects.get(pk=invitation.contact_id).opt_out(source="team")


def invited_anew(client: Client, invitation: Invitation) -> None:
    make_invitation(Contact.objects.get(pk=invitation.contact_id))


def without_inviter(client: Client, invitation: Invitation) -> None:
    User.objects.filter(pk=invitation.inviter_id).update(is_active=False)


@pytest.mark.parametrize(
    "meanwhile", [revoked_again, archived, opted_out, invited_anew, without_inviter]
)
def test_an_invitation_stays_revoked_where_the_world_went_on(
    client: Client, max_: User, amara: Contact, meanwhile: Any
) -> None:
    invitation = make_invitation(amara, inviter=make_user(name="Ada"))
    undo = revoke(client, invitation)
    meanwhile(client, Invitation.objects.get())
    answer = client.post(undo, headers=HTMX)
    assert answer.status_code == 409
    assert toasted(answer)
    assert Invitation.objects.get(pk=invitation.pk).state == "revoked"
    assert "invitation.reopened" not in verbs(amara)


def test_only_who_revoked_it_opens_it_again_and_only_at_once(
    client: Client, max_: User, amara: Contact, monkeypatch: pytest.MonkeyPatch
) -> None:
    undo = revoke(client, make_invitation(amara))
    client.force_login(make_user(name="Mia"))
    assert client.post(undo).status_code == 403
    ada = make_user(name="Ada")
    client.force_login(ada)
    assert client.post(undo).status_code == 409
    assert client.post(undo.partition("?")[0]).status_code == 409
    client.force_login(max_)
    later(monkeypatch, seconds=75)
    answer = client.post(undo)
    assert answer.status_code == 409
    assert "It is too late to undo this." in words(answer)
    assert Invitation.objects.get().state == "revoked"


def test_archiving_and_restoring_are_undone_and_that_is_the_end_of_it(
    client: Client, max_: User, amara: Contact
) -> None:
    typed: dict[str, Any] = {"newest": 0}
    undo = offered(client.post(f"/contacts/{amara.pk}/archive", typed, headers=HTMX))
    assert offered(client.post(undo, typed, headers=HTMX)) == ""
    client.post(f"/contacts/{amara.pk}/archive", typed)
    undo = offered(client.post(f"/contacts/{amara.pk}/restore", typed, headers=HTMX))
    assert offered(client.post(undo, typed, headers=HTMX)) == ""
    assert Contact.objects.get().is_archived
    assert ActivityEvent.objects.filter(contact_id=amara.pk).count() == 6
