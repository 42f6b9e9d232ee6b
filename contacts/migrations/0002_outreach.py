"""Messages, invitations, shares and the outbox; contacts that want no mail."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
import simple_history.models
import uuid_utils.compat
from django.conf import settings
from django.db import migrations, models

import contacts.models.stored_file

# What was to be sent stays what it was, whatever becomes of it.
KEEP_MAIL = """
CREATE FUNCTION annals_keep_mail() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'UPDATE of delivery % is refused: what was to be sent does not change', OLD.id
    USING ERRCODE = 'restrict_violation', TABLE = TG_TABLE_NAME;
END $$;
CREATE TRIGGER annals_keep_mail BEFORE UPDATE ON contacts_delivery FOR EACH ROW
    WHEN (ROW(OLD.id, OLD.contact_id, OLD.message_id, OLD.invitation_id, OLD.share_id,
              OLD.recipient, OLD.sender, OLD.subject, OLD.text, OLD.html, OLD.headers,
              OLD.attachments, OLD.disclosed, OLD.mail_id, OLD.created_at)
        IS DISTINCT FROM
          ROW(NEW.id, NEW.contact_id, NEW.message_id, NEW.invitation_id, NEW.share_id,
              NEW.recipient, NEW.sender, NEW.subject, NEW.text, NEW.html, NEW.headers,
              NEW.attachments, NEW.disclosed, NEW.mail_id, NEW.created_at))
    EXECUTE FUNCTION annals_keep_mail();
ALTER TABLE contacts_delivery ENABLE ALWAYS TRIGGER annals_keep_mail;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("contacts", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="contact",
            options={
                "default_permissions": ("add", "change", "delete", "view"),
                "ordering": ("sort_name", "id"),
                "permissions": (
                    ("archive_contact", "Can archive and restore contacts"),
                    ("import_contacts", "Can import contacts"),
                    ("export_contacts", "Can export contacts"),
                    ("act_in_bulk", "Can act on many contacts at once"),
                ),
                "verbose_name": "contact",
                "verbose_name_plural": "contacts",
            },
        ),
        migrations.AddField(
            model_name="contact",
            name="do_not_contact_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="do not contact"),
        ),
        migrations.AddField(
            model_name="contact",
            name="do_not_contact_reason",
            field=models.CharField(blank=True, max_length=500, verbose_name="reason"),
        ),
        migrations.AddField(
            model_name="contact",
            name="do_not_contact_source",
            field=models.CharField(
                blank=True,
                choices=[
                    ("team", "noted by the team"),
                    ("recipient", "by a link in a mail"),
                    ("portal", "in the portal"),
                    ("complaint", "a mail was reported as unwanted"),
                ],
                max_length=16,
                verbose_name="source",
            ),
        ),
        migrations.AddField(
            model_name="historicalcontact",
            name="do_not_contact_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="do not contact"),
        ),
        migrations.AddField(
            model_name="historicalcontact",
            name="do_not_contact_reason",
            field=models.CharField(blank=True, max_length=500, verbose_name="reason"),
        ),
        migrations.AddField(
            model_name="historicalcontact",
            name="do_not_contact_source",
            field=models.CharField(
                blank=True,
                choices=[
                    ("team", "noted by the team"),
                    ("recipient", "by a link in a mail"),
                    ("portal", "in the portal"),
                    ("complaint", "a mail was reported as unwanted"),
                ],
                max_length=16,
                verbose_name="source",
            ),
        ),
        migrations.CreateModel(
            name="Invitation",
            fields=[
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                (
                    "id",
                    models.UUIDField(
                        default=uuid_utils.compat.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("email", models.EmailField(max_length=254, verbose_name="email")),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("client", "Client"),
                            ("partner", "Partner"),
                            ("team", "Team member"),
                        ],
                        default="client",
                        max_length=8,
                        verbose_name="role",
                    ),
                ),
                ("note", models.TextField(blank=True, max_length=2000, verbose_name="note")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("sent", "Invited"),
                            ("opened", "Opened"),
                            ("accepted", "Accepted"),
                            ("declined", "Declined"),
                            ("expired", "Expired"),
                            ("revoked", "Revoked"),
                            ("ended", "Access ended"),
                        ],
                        default="sent",
                        max_length=8,
                        verbose_name="state",
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
                ("expires_at", models.DateTimeField()),
                ("opened_at", models.DateTimeField(blank=True, null=True)),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
                (
                    "account",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="invitations",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "contact",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="invitations",
                        to="contacts.contact",
                    ),
                ),
                (
                    "inviter",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "invitation",
                "verbose_name_plural": "invitations",
                "permissions": (("invite_team", "Can invite to the team"),),
                "default_permissions": ("add",),
            },
        ),
        migrations.CreateModel(
            name="Message",
            fields=[
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                (
                    "id",
                    models.UUIDField(
                        default=uuid_utils.compat.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("incoming", models.BooleanField(default=False)),
                (
                    "via",
                    models.CharField(
                        choices=[("email", "Email"), ("portal", "Portal")],
                        default="email",
                        max_length=8,
                    ),
                ),
                ("address", models.EmailField(blank=True, max_length=254, verbose_name="address")),
                ("subject", models.CharField(blank=True, max_length=200, verbose_name="subject")),
                ("body", models.TextField(max_length=20000, verbose_name="message")),
                ("quoted", models.TextField(blank=True)),
                ("is_automatic", models.BooleanField(default=False)),
                ("mail_id", models.CharField(blank=True, max_length=998)),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
                (
                    "author",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "contact",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="messages",
                        to="contacts.contact",
                    ),
                ),
                (
                    "in_reply_to",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="contacts.message",
                    ),
                ),
            ],
            options={
                "verbose_name": "message",
                "verbose_name_plural": "messages",
                "default_permissions": ("add",),
            },
        ),
        migrations.CreateModel(
            name="HistoricalMessage",
            fields=[
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("id", models.UUIDField(default=uuid_utils.compat.uuid7, editable=False)),
                ("incoming", models.BooleanField(default=False)),
                (
                    "via",
                    models.CharField(
                        choices=[("email", "Email"), ("portal", "Portal")],
                        default="email",
                        max_length=8,
                    ),
                ),
                ("address", models.EmailField(blank=True, max_length=254, verbose_name="address")),
                ("subject", models.CharField(blank=True, max_length=200, verbose_name="subject")),
                ("body", models.TextField(max_length=20000, verbose_name="message")),
                ("quoted", models.TextField(blank=True)),
                ("is_automatic", models.BooleanField(default=False)),
                ("mail_id", models.CharField(blank=True, max_length=998)),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField()),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(
                        choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1
                    ),
                ),
                (
                    "author",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "contact",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="contacts.contact",
                    ),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "in_reply_to",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="contacts.message",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical message",
                "verbose_name_plural": "historical messages",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="Attachment",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid_utils.compat.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("name", models.CharField(max_length=255, verbose_name="file")),
                ("content_type", models.CharField(max_length=100)),
                ("size", models.PositiveIntegerField()),
                ("sha256", models.CharField(max_length=64)),
                ("file", models.FileField(upload_to=contacts.models.stored_file.stored_as)),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
                (
                    "contact",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="attachments",
                        to="contacts.contact",
                    ),
                ),
                (
                    "message",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="attachments",
                        to="contacts.message",
                    ),
                ),
            ],
            options={
                "verbose_name": "file",
                "verbose_name_plural": "files",
                "ordering": ("id",),
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Share",
            fields=[
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                (
                    "id",
                    models.UUIDField(
                        default=uuid_utils.compat.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "recipients",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.EmailField(max_length=254), size=None, verbose_name="to"
                    ),
                ),
                ("note", models.TextField(blank=True, max_length=20000, verbose_name="text")),
                (
                    "fields",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40),
                        blank=True,
                        default=list,
                        size=None,
                    ),
                ),
                ("disclosed", models.JSONField(blank=True, default=list)),
                ("with_card", models.BooleanField(default=False, verbose_name="vCard")),
                (
                    "files",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.UUIDField(), blank=True, default=list, size=None
                    ),
                ),
                ("link_expires_at", models.DateTimeField(blank=True, null=True)),
                ("link_revoked_at", models.DateTimeField(blank=True, null=True)),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
                (
                    "contact",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="shares",
                        to="contacts.contact",
                    ),
                ),
                (
                    "sender",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "share",
                "verbose_name_plural": "shares",
                "default_permissions": ("add",),
            },
        ),
        migrations.CreateModel(
            name="Link",
            fields=[
                ("digest", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("recipient", models.EmailField(blank=True, max_length=254)),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "invitation",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="links",
                        to="contacts.invitation",
                    ),
                ),
                (
                    "share",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="links",
                        to="contacts.share",
                    ),
                ),
            ],
            options={
                "verbose_name": "personal link",
                "verbose_name_plural": "personal links",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Delivery",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid_utils.compat.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("recipient", models.EmailField(max_length=254, verbose_name="to")),
                ("sender", models.CharField(max_length=400, verbose_name="from")),
                ("subject", models.CharField(max_length=400, verbose_name="subject")),
                ("text", models.TextField()),
                ("html", models.TextField()),
                ("headers", models.JSONField(default=dict)),
                ("attachments", models.JSONField(default=list)),
                ("disclosed", models.JSONField(default=list)),
                ("mail_id", models.CharField(max_length=250, unique=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "Queued"),
                            ("sending", "Sending"),
                            ("sent", "Sent"),
                            ("failed", "Not sent"),
                            ("bounced", "Bounced"),
                            ("cancelled", "Cancelled"),
                            ("uncertain", "Perhaps sent"),
                        ],
                        default="queued",
                        max_length=16,
                        verbose_name="state",
                    ),
                ),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
                ("due_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("nudged_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("claimed_at", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
                ("delivered_at", models.DateTimeField(null=True)),
                ("error", models.TextField(blank=True)),
                (
                    "contact",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="deliveries",
                        to="contacts.contact",
                    ),
                ),
                (
                    "invitation",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="deliveries",
                        to="contacts.invitation",
                    ),
                ),
                (
                    "message",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="deliveries",
                        to="contacts.message",
                    ),
                ),
                (
                    "share",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="deliveries",
                        to="contacts.share",
                    ),
                ),
            ],
            options={
                "verbose_name": "delivery",
                "verbose_name_plural": "deliveries",
                "ordering": ("-id",),
                "default_permissions": ("view",),
            },
        ),
        migrations.CreateModel(
            name="HistoricalInvitation",
            fields=[
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("id", models.UUIDField(default=uuid_utils.compat.uuid7, editable=False)),
                ("email", models.EmailField(max_length=254, verbose_name="email")),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("client", "Client"),
                            ("partner", "Partner"),
                            ("team", "Team member"),
                        ],
                        default="client",
                        max_length=8,
                        verbose_name="role",
                    ),
                ),
                ("note", models.TextField(blank=True, max_length=2000, verbose_name="note")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("sent", "Invited"),
                            ("opened", "Opened"),
                            ("accepted", "Accepted"),
                            ("declined", "Declined"),
                            ("expired", "Expired"),
                            ("revoked", "Revoked"),
                            ("ended", "Access ended"),
                        ],
                        default="sent",
                        max_length=8,
                        verbose_name="state",
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
                ("expires_at", models.DateTimeField()),
                ("opened_at", models.DateTimeField(blank=True, null=True)),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField()),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(
                        choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1
                    ),
                ),
                (
                    "account",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "contact",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="contacts.contact",
                    ),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "inviter",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "historical invitation",
                "verbose_name_plural": "historical invitations",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
                "indexes": [models.Index(fields=["id", "version"], name="invitation_version")],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalShare",
            fields=[
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("id", models.UUIDField(default=uuid_utils.compat.uuid7, editable=False)),
                (
                    "recipients",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.EmailField(max_length=254), size=None, verbose_name="to"
                    ),
                ),
                ("note", models.TextField(blank=True, max_length=20000, verbose_name="text")),
                (
                    "fields",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40),
                        blank=True,
                        default=list,
                        size=None,
                    ),
                ),
                ("disclosed", models.JSONField(blank=True, default=list)),
                ("with_card", models.BooleanField(default=False, verbose_name="vCard")),
                (
                    "files",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.UUIDField(), blank=True, default=list, size=None
                    ),
                ),
                ("link_expires_at", models.DateTimeField(blank=True, null=True)),
                ("link_revoked_at", models.DateTimeField(blank=True, null=True)),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField()),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(
                        choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1
                    ),
                ),
                (
                    "contact",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="contacts.contact",
                    ),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "sender",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "historical share",
                "verbose_name_plural": "historical shares",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
                "indexes": [models.Index(fields=["id", "version"], name="share_version")],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.AddIndex(
            model_name="invitation",
            index=models.Index(
                models.F("expires_at"),
                condition=models.Q(("state__in", ("sent", "opened"))),
                name="invitation_to_expire",
            ),
        ),
        migrations.AddConstraint(
            model_name="invitation",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ("sent", "opened"))),
                fields=("contact", "email"),
                name="invitation_living_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.UniqueConstraint(
                condition=models.Q(("mail_id", ""), _negated=True),
                fields=("contact", "mail_id"),
                name="message_from_a_mail_once",
            ),
        ),
        migrations.AddIndex(
            model_name="historicalmessage",
            index=models.Index(fields=["id", "version"], name="message_version"),
        ),
        migrations.AddConstraint(
            model_name="link",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("invitation__isnull", False), ("share__isnull", True)),
                    models.Q(("invitation__isnull", True), ("share__isnull", False)),
                    _connector="OR",
                ),
                name="link_opens_one_thing",
            ),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                models.F("due_at"),
                condition=models.Q(("state__in", ("queued", "sending"))),
                name="delivery_unfinished",
            ),
        ),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("invitation__isnull", True),
                        ("message__isnull", False),
                        ("share__isnull", True),
                    ),
                    models.Q(
                        ("invitation__isnull", False),
                        ("message__isnull", True),
                        ("share__isnull", True),
                    ),
                    models.Q(
                        ("invitation__isnull", True),
                        ("message__isnull", True),
                        ("share__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="delivery_of_one_thing",
            ),
        ),
        migrations.RunSQL(
            KEEP_MAIL,
            "DROP TRIGGER annals_keep_mail ON contacts_delivery; DROP FUNCTION annals_keep_mail;",
        ),
    ]
