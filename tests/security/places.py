"""Where ids stand in addresses, and what they are of."""

import re

from tests.addresses import Address

# What stands at a parameter, by what stands before it; "*" are other parameters.
PLACES = {
    "/accounts/password/reset/key/": "uidb36",
    "/accounts/password/reset/key/*-": "key",
    "/activity/": "event",
    "/activity/exports/": "export",
    "/activity/menu/": "menu",
    "/admin/": "app",
    "/admin/activity/activityevent/": "event_id",
    "/admin/contacts/comment/": "comment",
    "/admin/contacts/contact/": "contact",
    "/admin/contacts/delivery/": "delivery",
    "/admin/r/": "content_type",
    "/admin/r/*/": "contact",
    "/attachments/": "attachment",
    "/bulk/": "bulk",
    "/comments/": "comment",
    "/comments/files/": "comment_file",
    "/contacts/": "contact",
    "/contacts/*/history/": "version",
    "/contacts/*/history/handover/": "handover",
    "/contacts/*/merge/": "twin",
    "/contacts/*/pins/": "event_id",
    "/contacts/duplicates/": "pair",
    "/contacts/views/": "view",
    "/deliveries/": "delivery",
    "/help/": "guide",
    "/i/": "invitation_token",
    "/imports/": "import",
    "/inbox/": "notification",
    "/invitations/": "invitation",
    "/mail/": "mail",
    "/mail/*/attachments/": "number",
    "/messages/": "message",
    "/operations/mails/": "delivery",
    "/portal/": "portal",
    "/portal/*/files/": "attachment",
    "/preferences/passkeys/": "passkey",
    "/preferences/sessions/": "session",
    "/s/": "share_token",
    "/shares/": "share",
    "/u/": "unsubscribe_token",
    "/unsent/": "unsent",
}
OF_ADMIN = re.compile(r"/admin/(\w+)/(\w+)/")
# What belongs to one person; all else is the team's.
OWNED = frozenset(
    {"bulk", "comment", "export", "notification", "passkey", "portal", "session", "unsent", "view"}
)


def is_owned(address: Address) -> bool:
    """Tell whether an address names something that belongs to one person."""
    kinds: list[str] = []
    address.filled(lambda before, kind, name: kinds.append(PLACES.get(before, "")) or "")
    return bool(OWNED.intersection(kinds)) and not address.name.startswith("admin:")
