"""What leaves the house in the demo, and what comes back, each as a step. Nothing is mailed."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth.hashers import make_password

from accounts.changes import UserChange
from accounts.demo import PASSWORD
from accounts.models import User
from activity.context import Context
from activity.demo.life import Life, Step
from activity.receivers.users import drafts
from activity.recording import Draft
from contacts.letters import letter_of_invitation, letter_of_message, letter_of_share
from contacts.models import Contact, Delivery, Invitation, Message, Share
from contacts.models.delivery import mail_id

TERM = timedelta(days=7)
TRANSPORT = timedelta(seconds=14)  # from the click to the mail server


def _keep(
    life: Life, write: Callable[[Delivery], None], delivery: Delivery, entry: dict[str, Any]
) -> None:
    """Put a mail into the outbox that has left long ago, or came back."""
    at = life.context.started_at
    write(delivery)
    delivery.mail_id = mail_id(delivery.pk)
    delivery.state = entry.get("state", Delivery.State.SENT)
    delivery.error = entry.get("error", "")
    delivery.attempts = 1
    delivery.created_at, delivery.due_at, delivery.nudged_at = at, at, at
    delivery.claimed_at = delivery.finished_at = at + TRANSPORT
    delivery.delivered_at = at + TRANSPORT * 3 if entry.get("delivered") else None
    beside = delivery.message or delivery.invitation or delivery.share
    life.keep(delivery, beside=beside)


def send_message(context: Context, pk: UUID, contact_id: UUID, entry: dict[str, Any]) -> Step:
    """Return the step that writes to a contact; one that failed or bounced says so."""

    def do(life: Life) -> None:
        contact = life.rows[contact_id]
        message = Message(
            pk=pk,
            contact=contact,
            author=context.actor,
            address=entry.get("to", contact.email),
            subject=entry.get("subject", ""),
            body=entry["write"],
            created_at=context.started_at,
        )
        life.put(message, "message.queued", {"files": []})
        mail = Delivery(pk=pk, contact=contact, message=message, recipient=message.address)
        _keep(life, lambda each: letter_of_message(message, each), mail, entry)

    return Step(context, do)


def come_back(context: Context, pk: UUID, entry: dict[str, Any]) -> Step:
    """Return the step in which a message comes back, or turns out not to have been sent."""

    def do(life: Life) -> None:
        message = life.rows[pk]
        failure = {"to": message.address, "error": entry["error"], "name": str(message)}
        payload = failure | {"row_version": message.version, "changes": []}
        verb = f"message.{entry['state']}"
        life.note(Draft(verb, "message", pk, message.contact_id, payload, context=context))

    return Step(context, do)


def receive_message(context: Context, pk: UUID, contact_id: UUID, entry: dict[str, Any]) -> Step:
    """Return the step by which a contact answers, by mail or in the portal."""

    def do(life: Life) -> None:
        contact = life.rows[contact_id]
        via = entry.get("via", Message.Via.EMAIL)
        message = Message(
            pk=pk,
            contact=contact,
            incoming=True,
            via=via,
            address=contact.email if via == Message.Via.EMAIL else "",
            body=entry["reply"],
            quoted=entry.get("quoted", ""),
            created_at=context.started_at,
        )
        details = {"via": via, "automatic": False, "files": []}
        life.put(message, "message.received", details, by=contact)

    return Step(context, do)


def invite(context: Context, pk: UUID, contact_id: UUID, entry: dict[str, Any]) -> Step:
    """Return the step that invites a contact to the portal."""

    def do(life: Life) -> None:
        contact = life.rows[contact_id]
        invitation = Invitation(
            pk=pk,
            contact=contact,
            inviter=context.actor,
            email=contact.email,
            note=entry["invite"],
            created_at=context.started_at,
            expires_at=context.started_at + TERM,
        )
        details = {"to": invitation.email, "role": invitation.role}
        life.put(invitation, "invitation.sent", details)
        mail = Delivery(pk=pk, contact=contact, invitation=invitation, recipient=contact.email)
        _keep(life, lambda each: letter_of_invitation(invitation, each), mail, entry)

    return Step(context, do)


def answer(context: Context, pk: UUID, contact_id: UUID, state: str) -> Step:
    """Return the step that takes an invitation to another state: opened, accepted, expired."""

    def do(life: Life) -> None:
        at, invitation = context.started_at, life.rows[pk]
        contact = invitation.contact
        invitation.state = state
        by = None if state == Invitation.State.EXPIRED else contact
        if state == Invitation.State.OPENED:
            invitation.opened_at = at
        else:
            invitation.answered_at = at
        if state == Invitation.State.ACCEPTED:
            invitation.account = _account(life, pk, contact)
        details = {"to": invitation.email, "role": invitation.role}
        life.put(invitation, f"invitation.{state}", details, by=by)

    events = 2 if state == Invitation.State.ACCEPTED else 1
    return Step(context, do, events)


def _account(life: Life, pk: UUID, contact: Contact) -> User:
    """Make the account of a contact that accepts; it signs in with the demo's password."""
    at, password = life.context.started_at, make_password(PASSWORD)
    account = User(pk=pk, email=contact.email, name=contact.name, password=password, date_joined=at)
    life.keep(account)
    state = {"email": account.email, "name": account.name, "active": True, "superuser": False}
    [created] = drafts(UserChange(pk, {}, {**state, "roles": [], "permissions": []}))
    life.note(replace(created, context=life.context))
    return account


def share(context: Context, pk: UUID, contact_id: UUID, entry: dict[str, Any]) -> Step:
    """Return the step that tells somebody some fields of a contact."""

    def do(life: Life) -> None:
        contact = life.rows[contact_id]
        told = Share.draft(
            contact,
            sender=context.actor,
            recipients=[entry["to"]],
            fields=entry["share"],
            note=entry.get("note", ""),
            pk=pk,
        )
        told.created_at = context.started_at
        labels = [item["label"] for item in told.disclosed]
        details = {"to": [entry["to"]], "disclosed": labels, "files": []}
        life.put(told, "share.sent", details | {"card": False, "link": False})
        mail = Delivery(pk=pk, contact=contact, share=told, recipient=entry["to"])
        _keep(life, lambda each: letter_of_share(told, each), mail, entry)

    return Step(context, do)


def opt_out(context: Context, contact_id: UUID, reason: str) -> Step:
    """Return the step by which the team notes that a contact wants no mail."""

    def do(life: Life) -> None:
        row = life.rows[contact_id]
        row.do_not_contact_at = context.started_at
        row.do_not_contact_reason, row.do_not_contact_source = reason, Contact.Source.TEAM
        details = {"reason": reason, "source": Contact.Source.TEAM}
        life.put(row, "contact.opted_out", details)

    return Step(context, do)
