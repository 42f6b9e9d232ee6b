"""The guards of messages, invitations and shares, and of a contact's wish for no mail."""

from importlib import import_module

from django.db import migrations

from activity import guards

CONTACT = [
    *import_module("activity.migrations.0001_initial").CONTACT,
    "do_not_contact_at",
    "do_not_contact_reason",
    "do_not_contact_source",
]
MESSAGE = [
    "id",
    "version",
    "contact_id",
    "author_id",
    "incoming",
    "via",
    "address",
    "subject",
    "body",
    "quoted",
    "is_automatic",
    "in_reply_to_id",
    "mail_id",
    "created_at",
]
INVITATION = [
    "id",
    "version",
    "contact_id",
    "inviter_id",
    "email",
    "role",
    "note",
    "state",
    "created_at",
    "expires_at",
    "opened_at",
    "answered_at",
    "account_id",
]
SHARE = [
    "id",
    "version",
    "contact_id",
    "sender_id",
    "recipients",
    "note",
    "fields",
    "disclosed",
    "with_card",
    "files",
    "link_expires_at",
    "link_revoked_at",
    "created_at",
]


class Migration(migrations.Migration):
    dependencies = [("activity", "0001_initial"), ("contacts", "0002_outreach")]

    operations = [
        migrations.RunSQL(
            guards.track("contacts_contact", "contacts_historicalcontact", "contact", "id", CONTACT)
        ),
        *(
            migrations.RunSQL(
                guards.track(
                    f"contacts_{noun}", f"contacts_historical{noun}", noun, "contact_id", columns
                )
            )
            for noun, columns in (
                ("message", MESSAGE),
                ("invitation", INVITATION),
                ("share", SHARE),
            )
        ),
    ]
