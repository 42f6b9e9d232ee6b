"""What happened while somebody was away, counted: one phrase for each kind of event."""

from collections.abc import Iterator

from django.utils.translation import ngettext_lazy

from activity.models import ActivityEvent
from contacts.models import Contact

# In the order in which they are told: what people did first.
NEWS = {
    "comment.added": ngettext_lazy("%(count)d comment", "%(count)d comments", "count"),
    "message.received": ngettext_lazy("%(count)d reply", "%(count)d replies", "count"),
    "message.queued": ngettext_lazy("%(count)d message", "%(count)d messages", "count"),
    "message.bounced": ngettext_lazy(
        "%(count)d message bounced", "%(count)d messages bounced", "count"
    ),
    "message.failed": ngettext_lazy(
        "%(count)d message not sent", "%(count)d messages not sent", "count"
    ),
    "invitation.accepted": ngettext_lazy(
        "invitation accepted", "%(count)d invitations accepted", "count"
    ),
    "invitation.declined": ngettext_lazy(
        "invitation declined", "%(count)d invitations declined", "count"
    ),
    "invitation.sent": ngettext_lazy("invitation sent", "%(count)d invitations sent", "count"),
    "invitation.opened": ngettext_lazy(
        "invitation opened", "invitations opened %(count)d times", "count"
    ),
    "invitation.resent": ngettext_lazy(
        "invitation sent again", "invitations sent again %(count)d times", "count"
    ),
    "invitation.link_copied": ngettext_lazy(
        "invitation link copied", "invitation links copied %(count)d times", "count"
    ),
    "invitation.expired": ngettext_lazy(
        "invitation expired", "%(count)d invitations expired", "count"
    ),
    "invitation.revoked": ngettext_lazy(
        "invitation revoked", "%(count)d invitations revoked", "count"
    ),
    "invitation.reopened": ngettext_lazy(
        "invitation open again", "%(count)d invitations open again", "count"
    ),
    "invitation.ended": ngettext_lazy(
        "portal access ended", "portal access ended %(count)d times", "count"
    ),
    "invitation.failed": ngettext_lazy(
        "invitation not sent", "%(count)d invitations not sent", "count"
    ),
    "invitation.bounced": ngettext_lazy(
        "invitation bounced", "%(count)d invitations bounced", "count"
    ),
    "share.sent": ngettext_lazy("shared once", "shared %(count)d times", "count"),
    "share.link_opened": ngettext_lazy(
        "shared link opened", "shared links opened %(count)d times", "count"
    ),
    "share.revoked": ngettext_lazy(
        "shared link taken back", "%(count)d shared links taken back", "count"
    ),
    "share.failed": ngettext_lazy("share not sent", "%(count)d shares not sent", "count"),
    "share.bounced": ngettext_lazy("share bounced", "%(count)d shares bounced", "count"),
    "contact.archived": ngettext_lazy("archived once", "archived %(count)d times", "count"),
    "contact.restored": ngettext_lazy("restored", "restored %(count)d times", "count"),
    "contact.opted_out": ngettext_lazy(
        "no contact wanted", "no contact wanted, said %(count)d times", "count"
    ),
    "contact.opted_in": ngettext_lazy(
        "contact allowed again", "contact allowed again %(count)d times", "count"
    ),
    "contact.merged": ngettext_lazy("a contact merged", "%(count)d contacts merged", "count"),
    "contact.unmerged": ngettext_lazy("a merge undone", "%(count)d merges undone", "count"),
}


def field_names(event: ActivityEvent) -> Iterator[str]:
    """Yield what the fields that an event changed are called within a sentence."""
    fields = Contact.tracked_fields()
    for change in event.changes:
        field = fields.get(change["field"]) if event.object_type == "contact" else None
        yield str(field.verbose_name) if field else change["label"]
