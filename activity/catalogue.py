"""Everything that can happen, in one place.

To add a kind: one `Kind(...)` line below and one template, `templates/activity/kinds/<verb>.html`.
Writing an event of a verb that is not listed raises; reading one draws a generic row.
"""

from django.utils.translation import gettext_lazy as _

from activity import examples
from activity.kind import Kind
from contacts.models import Comment, Invitation, Message, Share

# fmt: off
KINDS = (
    Kind("contact.created", _("Created"), "plus", "system", _("Contact created"),
         title=_("Contact created"), example=examples.CREATED),
    Kind("contact.imported", _("Imported"), "file-up", "system", title=_("Contact imported"),
         example=examples.IMPORTED),
    Kind("contact.updated", _("Field changes"), "pencil", "change", _("Changed: %(fields)s"),
         title=_("Fields changed"), example=examples.UPDATED),
    Kind("value.restored", _("Earlier value put back"), "undo-2", "change",
         _("Put back: %(fields)s"), example=examples.PUT_BACK),
    Kind("contact.archived", _("Archived"), "archive", "people", title=_("Contact archived"),
         example=examples.REASON),
    Kind("contact.restored", _("Restored"), "archive-restore", "people",
         title=_("Contact restored"), example=examples.REASON),
    Kind("contact.deleted", _("Deleted"), "trash-2", "people", _("Contact deleted"), tone="bad",
         title=_("Contact deleted"), example=examples.RECEIPT),
    Kind("contact.opted_out", _("No contact wanted"), "ban", "people", _("Wants no mail"),
         tone="warn", example=examples.OPTED),
    Kind("contact.opted_in", _("Contact allowed again"), "mail-check", "people",
         _("May be written to again"), example=examples.OPTED),
    Kind("contact.merged", _("Merged"), "merge", "people", title=_("Contacts merged"),
         right="contacts.merge_contacts", example=examples.MERGED),
    Kind("contact.unmerged", _("Merge undone"), "split", "people", example=examples.UNMERGED),
    Kind("comment.added", _("Comments"), "message-square", "people", _("Comment by %(actor)s"),
         title=_("Comment added"), living=Comment, example=examples.COMMENT),
    Kind("comment.edited", _("Comment edited"), "pencil", "people",
         _("Comment edited by %(actor)s"), on_row=True, example=examples.COMMENT),
    Kind("comment.deleted", _("Comment deleted"), "trash-2", "people",
         _("Comment deleted by %(actor)s"), on_row=True),
    Kind("comment.restored", _("Comment deletion undone"), "undo-2", "people",
         _("Comment put back by %(actor)s"), on_row=True),
    Kind("message.queued", _("Messages"), "mail", "outreach", _("Message by %(actor)s"),
         title=_("Message written"), living=Message, example=examples.MESSAGE),
    Kind("message.received", _("Replies"), "reply", "outreach", _("Message from %(actor)s"),
         title=_("Reply received"), living=Message, example=examples.REPLY),
    Kind("message.cancelled", _("Message cancelled"), "undo-2", "outreach", on_row=True,
         example=examples.TO),
    Kind("message.retried", _("Message sent again"), "rotate-cw", "outreach", on_row=True,
         example=examples.TO),
    Kind("message.confirmed", _("Message confirmed"), "check", "outreach", on_row=True,
         example=examples.TO),
    Kind("message.failed", _("Message not sent"), "triangle-alert", "outreach", tone="bad",
         example=examples.FAILURE),
    Kind("message.bounced", _("Message bounced"), "triangle-alert", "outreach", tone="bad",
         example=examples.FAILURE),
    Kind("invitation.sent", _("Invitations"), "user-plus", "outreach", _("Invited by %(actor)s"),
         title=_("Invitation sent"), tone="info", living=Invitation, example=examples.INVITATION),
    Kind("invitation.resent", _("Invitation sent again"), "rotate-cw", "outreach", tone="info",
         example=examples.INVITATION),
    Kind("invitation.link_copied", _("Invitation link copied"), "link", "outreach",
         example=examples.TO),
    Kind("invitation.opened", _("Invitation opened"), "mail-open", "outreach", tone="info"),
    Kind("invitation.accepted", _("Invitation accepted"), "user-check", "outreach", tone="ok",
         example=examples.INVITATION),
    Kind("invitation.declined", _("Invitation declined"), "user-x", "outreach", tone="warn",
         example=examples.TO),
    Kind("invitation.expired", _("Invitation expired"), "hourglass", "outreach", tone="warn",
         example=examples.TO),
    Kind("invitation.revoked", _("Invitation revoked"), "ban", "outreach", example=examples.TO),
    Kind("invitation.reopened", _("Invitation open again"), "undo-2", "outreach", tone="info",
         example=examples.TO),
    Kind("invitation.ended", _("Portal access ended"), "ban", "outreach", example=examples.TO),
    Kind("invitation.confirmed", _("Invitation confirmed"), "check", "outreach", on_row=True,
         example=examples.TO),
    Kind("invitation.failed", _("Invitation not sent"), "triangle-alert", "outreach", tone="bad",
         example=examples.FAILURE),
    Kind("invitation.bounced", _("Invitation bounced"), "triangle-alert", "outreach", tone="bad",
         example=examples.FAILURE),
    Kind("share.sent", _("Shares"), "share-2", "outreach", _("Shared by %(actor)s"),
         title=_("Contact shared"), living=Share, example=examples.SHARE),
    Kind("share.resent", _("Share sent again"), "rotate-cw", "outreach", on_row=True,
         example=examples.TO),
    Kind("share.confirmed", _("Share confirmed"), "check", "outreach", on_row=True,
         example=examples.TO),
    Kind("share.link_opened", _("Shared link opened"), "eye", "outreach", tone="info",
         example=examples.TO),
    Kind("share.revoked", _("Shared link taken back"), "ban", "outreach"),
    Kind("share.failed", _("Share not sent"), "triangle-alert", "outreach", tone="bad",
         example=examples.FAILURE),
    Kind("share.bounced", _("Share bounced"), "triangle-alert", "outreach", tone="bad",
         example=examples.FAILURE),
    Kind("entry.pinned", _("Pinned"), "pin", "people", title=_("Entry pinned"), on_row=True,
         example=examples.PIN),
    Kind("entry.unpinned", _("Unpinned"), "pin-off", "people", title=_("Entry unpinned"),
         on_row=True, example=examples.PIN),
    Kind("import.started", _("Import started"), "file-up", "system",
         example=examples.IMPORT_STARTED),
    Kind("import.finished", _("Import finished"), "file-up", "system", example=examples.IMPORT),
    Kind("import.reverted", _("Import reverted"), "undo-2", "system",
         example=examples.IMPORT_REVERTED),
    Kind("bulk.finished", _("Bulk action finished"), "list-checks", "system",
         example=examples.BULK),
    Kind("privacy.erased", _("Personal data erased"), "eraser", "system", example={"events": 31}),
    Kind("export.created", _("Export created"), "download", "system", example=examples.EXPORT),
    Kind("contacts.exported", _("Contacts exported"), "download", "system",
         example=examples.CONTACTS_EXPORTED),
    Kind("backup.created", _("Backup made"), "download", "system", private=True,
         example=examples.BACKUP),
    Kind("backup.restored", _("Backup restored"), "archive-restore", "system", tone="warn",
         private=True, example=examples.BACKUP_RESTORED),
    Kind("ledger.sealed", _("Log sealed"), "shield-check", "system", example=examples.SEALED),
    Kind("ledger.key_rotated", _("Log’s key changed"), "key-round", "system",
         example=examples.KEY_ROTATED),
    Kind("ledger.restored", _("Log continued after a restore"), "archive-restore", "system",
         tone="warn", example=examples.LOG_RESTORED),
    Kind("user.signed_in", _("Signed in"), "log-in", "system", private=True,
         example=examples.SIGNED_IN),
    Kind("user.signed_out", _("Signed out"), "log-out", "system", private=True,
         example=examples.PERSON),
    Kind("user.sessions_ended", _("Signed out elsewhere"), "log-out", "system", private=True,
         example=examples.SESSIONS_ENDED),
    Kind("user.sign_in_failed", _("Sign-in failed"), "shield-alert", "system", tone="warn",
         private=True, example=examples.SIGN_IN_FAILED),
    Kind("user.created", _("User created"), "user-plus", "system", private=True,
         example=examples.PERSON),
    Kind("user.role_changed", _("Role changed"), "shield", "system", private=True,
         example=examples.ROLE),
    Kind("user.deactivated", _("User switched off"), "user-x", "system", private=True,
         example=examples.PERSON),
    Kind("user.activated", _("User switched on"), "user-check", "system", private=True,
         example=examples.PERSON),
    Kind("user.closed", _("Account closed"), "user-x", "system", private=True),
    Kind("user.renamed", _("User’s name or address changed"), "pencil", "system", private=True,
         example=examples.RENAMED),
    Kind("user.password_changed", _("Password changed"), "lock", "system", private=True,
         example=examples.PERSON),
    Kind("user.link_sent", _("Link to set a password sent"), "mail", "system", private=True,
         example=examples.PERSON),
    Kind("user.passkey_added", _("Passkey added"), "key-round", "system", private=True,
         example=examples.PASSKEY),
    Kind("user.passkey_removed", _("Passkey removed"), "key-round", "system", private=True,
         example=examples.PASSKEY),
    Kind("user.totp_enabled", _("Authenticator app added"), "smartphone", "system", private=True,
         example=examples.PERSON),
    Kind("user.totp_disabled", _("Authenticator app removed"), "smartphone", "system",
         private=True, example=examples.PERSON),
    Kind("user.recovery_codes_made", _("Recovery codes made"), "list-checks", "system",
         private=True, example=examples.PERSON),
    Kind("user.recovery_codes_removed", _("Recovery codes removed"), "list-checks", "system",
         private=True, example=examples.PERSON),
    Kind("user.recovery_code_used", _("Recovery code used"), "list-checks", "system", tone="warn",
         private=True, example=examples.RECOVERY_CODE),
    Kind("user.second_factors_removed", _("Second factors taken away"), "shield-alert", "system",
         tone="warn", private=True, example=examples.FACTORS_REMOVED),
    Kind("user.oidc_connected", _("Sign-in service connected"), "link", "system", private=True,
         example=examples.OIDC),
    Kind("user.oidc_removed", _("Sign-in service removed"), "link", "system", private=True,
         example=examples.OIDC),
    Kind("settings.changed", _("Settings changed"), "settings", "system", private=True,
         example=examples.SETTINGS),
    Kind("log.viewed", _("Log viewed"), "eye", "system", private=True,
         example=examples.LOG_VIEWED),
)
# fmt: on

CATALOGUE: dict[str, Kind] = {}
for _kind in KINDS:
    if _kind.verb in CATALOGUE:
        raise ValueError(f"{_kind.verb} is listed twice in the catalogue of kinds")
    CATALOGUE[_kind.verb] = _kind

GROUPS = {
    "people": frozenset(k.verb for k in KINDS if k.group in {"people", "outreach"}),
    "changes": frozenset(k.verb for k in KINDS if k.group == "change"),
}
ON_ROW = frozenset(k.verb for k in KINDS if k.on_row)
PRIVATE = frozenset(k.verb for k in KINDS if k.private)
# What can stand on a contact's timeline at all.
OF_CONTACTS = tuple(
    k for k in KINDS if not k.private and not k.verb.startswith(("import.", "bulk.", "ledger."))
)
LIVING = frozenset(k.verb for k in KINDS if k.living)


def kind_of(verb: str) -> Kind:
    """Return the kind of that verb; for one that is not listed, a generic one."""
    return CATALOGUE.get(verb) or Kind(verb, verb.replace("%", "%%"), "circle-dot", "system")
