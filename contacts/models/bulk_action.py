"""What can be done with many contacts at once: one table.

Each deed gets the run and a contact that is locked, calls the verb that one contact has, and
returns whether anything happened. What stands in its way raises Skipped, Blocked or TooMany.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import uuid5

from django.db.models import Exists, OuterRef, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from contacts.models.bulk_skip import BulkSkip, Skipped
from contacts.models.contact import Contact
from contacts.models.invitation import Invitation
from contacts.models.message import Message
from contacts.models.tag import Tag
from contacts.values import TAGS_MAX

if TYPE_CHECKING:
    from contacts.models.bulk import BulkRun

Reason = BulkSkip.Reason
_TOKEN = re.compile(r"\{(given_name|name)\}")
_MARKUP = re.compile(r"([\\`*_\[\]<>~|])")  # what Markdown would take for more than a letter


def addressed(text: str, contact: Contact, *, markdown: bool = True) -> str:
    """Return a text with {given_name} and {name} replaced by those of the contact.

    Who has no given name is called by the full one. In Markdown a name stays nothing but a name.
    """
    names = {"name": contact.name, "given_name": contact.given_name or contact.name}
    lines = {token: " ".join(name.split()) for token, name in names.items()}
    if markdown:
        lines = {token: _MARKUP.sub(r"\\\1", name) for token, name in lines.items()}
    return _TOKEN.sub(lambda found: lines[found[1]], text)


def letter(contact: Contact, parameters: dict[str, Any]) -> tuple[str, str]:
    """Return the subject and body that this contact gets."""
    subject = addressed(parameters["subject"], contact, markdown=False)
    longest = Message._meta.get_field("subject").max_length
    return subject[:longest], addressed(parameters["body"], contact)


def _message(run: "BulkRun", contact: Contact) -> bool:
    contact.require_reachable()
    subject, body = letter(contact, run.parameters)
    Message.send(
        contact,
        author=run.started_by,
        address=_address(contact),
        subject=subject,
        body=body,
        pk=uuid5(run.pk, str(contact.pk)),
    )
    return True


def _invite(run: "BulkRun", contact: Contact) -> bool:
    contact.require_reachable()
    email = _address(contact)
    states = set(contact.invitations.filter(email=email).values_list("state", flat=True))
    if states & set(Invitation.LIVING):
        raise Skipped(Reason.INVITED)
    if Invitation.State.ACCEPTED in states:
        raise Skipped(Reason.HAS_ACCESS)
    Invitation.send(
        contact,
        inviter=run.started_by,
        email=email,
        role=run.parameters["role"],
        note=run.parameters["note"],
        pk=uuid5(run.pk, str(contact.pk)),
        in_bulk=True,
    )
    return True


def _archive(run: "BulkRun", contact: Contact) -> bool:
    return contact.archive(reason=run.parameters["reason"])


def _restore(run: "BulkRun", contact: Contact) -> bool:
    return contact.restore(reason=run.parameters["reason"])


def _tag(run: "BulkRun", contact: Contact) -> bool:
    contact.require_active()
    gone = {tag.casefold() for tag in run.parameters["remove"]}
    tags = {tag.casefold(): tag for tag in contact.tags if tag.casefold() not in gone}
    for tag in run.parameters["add"]:
        tags.setdefault(tag.casefold(), tag)
    if len(tags) > max(TAGS_MAX, len(contact.tags)):
        raise Skipped(Reason.MOST_TAGS)
    contact.tags = list(tags.values())
    return _saved(contact)


def _remember_tags(run: "BulkRun") -> None:
    Tag.remember(run.parameters["add"])


def _owner(run: "BulkRun", contact: Contact) -> bool:
    contact.require_active()
    contact.owner = run.new_owner
    return _saved(contact)


def _saved(contact: Contact) -> bool:
    if not contact.unsaved():
        return False
    contact.save()
    return True


def _address(contact: Contact) -> str:
    if not contact.email:
        raise Skipped(Reason.NO_ADDRESS)
    return contact.email


# Conditions on contacts, each with its reason.
Obstacles = tuple[tuple[str, Q], ...]


def _away() -> Obstacles:
    return ((Reason.ARCHIVED, Q(archived_at__isnull=False)),)


def _unreachable() -> Obstacles:
    return (
        *_away(),
        (Reason.OPTED_OUT, Q(do_not_contact_at__isnull=False)),
        (Reason.NO_ADDRESS, Q(emails=[])),
    )


def _uninvitable() -> Obstacles:
    same = Invitation.objects.filter(contact=OuterRef("pk"), email=OuterRef("emails__0"))
    return (
        *_unreachable(),
        (Reason.INVITED, Q(Exists(same.living()))),
        (Reason.HAS_ACCESS, Q(Exists(same.filter(state=Invitation.State.ACCEPTED)))),
    )


def _archived() -> Obstacles:
    return ((Reason.ALREADY, Q(archived_at__isnull=False)),)


def _not_archived() -> Obstacles:
    return ((Reason.ALREADY, Q(archived_at__isnull=True)),)


@dataclass(frozen=True)
class BulkAction:
    """Something that can be done with many contacts.

    `label` names it, `titles` says it of a number of contacts and `done` of those with which it
    is. `act` does it with one, `afterwards` what is left to do once for a batch. `obstacles`
    returns the conditions under which nothing will be done, of which the first that applies
    counts. What `mails` is confirmed with numbers before it starts.
    """

    label: str | Promise
    permission: str
    titles: Any
    done: str | Promise
    act: Callable[["BulkRun", Contact], bool]
    obstacles: Callable[[], Obstacles]
    mails: bool = False
    afterwards: Callable[["BulkRun"], None] | None = None

    def permissions(self, parameters: dict[str, Any]) -> set[str]:
        """Return what somebody needs to do this with these parameters."""
        to_team = parameters.get("role") == Invitation.Role.TEAM
        extra = {"contacts.invite_team"} if to_team else set()
        return {"contacts.act_in_bulk", self.permission} | extra


ACTIONS: dict[str, BulkAction] = {
    "owner": BulkAction(
        _("Change owner"),
        "contacts.change_contact",
        ngettext_lazy(
            "Change the owner of %(count)s contact",
            "Change the owner of %(count)s contacts",
            "number",
        ),
        _("Changed"),
        _owner,
        _away,
    ),
    "tag": BulkAction(
        _("Change tags"),
        "contacts.change_contact",
        ngettext_lazy(
            "Change the tags of %(count)s contact",
            "Change the tags of %(count)s contacts",
            "number",
        ),
        _("Changed"),
        _tag,
        _away,
        afterwards=_remember_tags,
    ),
    "message": BulkAction(
        _("Message"),
        "contacts.add_message",
        ngettext_lazy("Write to %(count)s contact", "Write to %(count)s contacts", "number"),
        _("Queued"),
        _message,
        _unreachable,
        mails=True,
    ),
    "invite": BulkAction(
        _("Invite"),
        "contacts.add_invitation",
        ngettext_lazy("Invite %(count)s contact", "Invite %(count)s contacts", "number"),
        _("Invited"),
        _invite,
        _uninvitable,
        mails=True,
    ),
    "archive": BulkAction(
        _("Archive"),
        "contacts.archive_contact",
        ngettext_lazy("Archive %(count)s contact", "Archive %(count)s contacts", "number"),
        _("Archived"),
        _archive,
        _archived,
    ),
    "restore": BulkAction(
        _("Restore"),
        "contacts.archive_contact",
        ngettext_lazy("Restore %(count)s contact", "Restore %(count)s contacts", "number"),
        _("Restored"),
        _restore,
        _not_archived,
    ),
}
