"""What is asked of the pages that are opened in a large database: filters, orders and places."""

SORTS = ("-activity", "activity", "name", "-name")
LISTS = (
    *("", "status=archived", "status=all", "owner=none", "owner={owner}"),
    *("owner={owner}&status=archived", "tag=vip", "tag=newsletter", "tag=nobody"),
    *("tag=newsletter&owner={owner}", "tag=vip&status=archived"),
    *("q=given1", "q=g", "q=family77", "q=nobody", "q=%2B4366", "q=given1+f", "q=given1&tag=vip"),
    *("q=company+77", "q=company+f"),
    *("q=family77&owner={owner}", "q=given1&tag=newsletter&owner={owner}&status=all"),
)

PAGES = {
    "a contact": ("contact", ""),
    "a contact's older entries": ("contact", "before={middle}"),
    "a link into a contact's timeline": ("contact", "at={old}"),
    "a timeline of one kind": ("contact", "kind=comment.added"),
    "a timeline of rare kind": ("contact", "kind=contact.archived"),
    "a timeline of people": ("contact", "group=people"),
    "a timeline of changes": ("contact", "group=changes"),
    "a timeline around a day": ("contact", "day={day}"),
    "a timeline around its first day": ("contact", "day=2001-01-01"),
    "a timeline of people around a day": ("contact", "group=people&day={day}"),
    "a timeline by a person": ("contact", "actor={person}"),
    "a timeline between dates": ("contact", "from={day}&to={day}"),
    "a timeline with a word": ("contact", "q=lagos"),
    "a timeline without a word": ("contact", "q=nowhere"),
    "the fragment of a timeline": ("timeline", ""),
    "older entries": ("timeline_older", "before={middle}"),
    "a history": ("contact_history", ""),
    "an older page of a history": ("contact_history", "before=500"),
    "a history of a field": ("contact_history", "field=city"),
    "a contact at a moment": ("contact_history", "at={day}"),
    "the form of a contact": ("contact_edit", ""),
    "a contact's card": ("contact_card", ""),
    "a contact's last weeks": ("contact_strip", ""),
    "the dialog to share": ("contact_shares_dialog", ""),
    "the dialog to invite": ("invitation_new", ""),
    "the question before deleting": ("contact_delete", ""),
    "with whom to merge": ("contact_merge_with", ""),
    "with whom to merge, by a word": ("contact_merge_with", "q=given12"),
}

LOGS = (
    *("", "kind=contact.updated", "kind=contact.archived", "group=outreach", "group=team"),
    *("actor={person}", "actor={person}&kind=comment.added", "source=admin", "source=command"),
    *("contact={contact}", "contact={contact}&kind=comment.added&actor={person}"),
    *("from={day}&to={day}", "to={day}", "from={day}&kind=share.sent", "q=mia", "q=family77"),
    *("q=lagos", "q=nowhere", "q=family77+company", "q=1,234", "before=5000", "after=100"),
    *("before=5000&kind=share.sent", "q=lagos&actor={person}&group=change"),
)

# Of the administration, too.
OTHERS = (
    *("activity_log_menu", "ledger_status", "activity_exports", "imports", "bulk_runs"),
    *("contact_new", "contact_duplicates", "admin:activity_activityevent_changelist"),
    *("admin:activity_activityorigin_changelist", "admin:contacts_contact_changelist"),
    *("admin:contacts_delivery_changelist", "admin:contacts_comment_changelist"),
    *("admin:contacts_invitation_changelist", "admin:contacts_importrun_changelist"),
    *("admin:contacts_bulkrun_changelist", "admin:contacts_deletedcontact_changelist"),
    "admin:activity_activityexport_changelist",
)
MAILS = (
    *("state=sent", "state=failed", "state=queued", "state=cancelled", "kind=message"),
    *("kind=share", "age=hour", "age=older", "state=failed&age=week", "q=a@b.example"),
)
