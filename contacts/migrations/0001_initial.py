"""Contacts, comments and tags, with the SQL their search and sorting are made of."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
import django.utils.timezone
import simple_history.models
import uuid_utils.compat
from django.conf import settings
from django.db import migrations, models

import contacts.models.import_state

FUNCTIONS = r"""
-- Lower case without accents: "Müller" -> "muller", "Łódź" -> "lodz", "Straße" -> "strasse".
CREATE FUNCTION annals_fold(words text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT replace(replace(replace(translate(
        regexp_replace(
            normalize(lower(coalesce(words, '')), NFKD), '[\u0300-\u036f]', '', 'g'
        ), 'øłđðıħŧ', 'olddiht'), 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe')
$$;

-- What a contact is found by. Punctuation parts words; apostrophes also join them ("odonoghue").
-- A phone number is found by its beginning with or without country code, not by its extension.
CREATE FUNCTION annals_search(
    given text, middle text, family text, organisation text, title text, city text,
    emails text[], phones text[], tags text[]
) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    WITH folded AS (
        SELECT annals_fold(concat_ws(' ', given, middle, family, organisation, title, city,
            array_to_string(emails, ' '), array_to_string(tags, ' '))) AS words
    ), digits AS (
        SELECT string_agg(concat_ws(' ', d, right(d, 10), right(d, 9), right(d, 7)), ' ') AS numbers
        FROM (SELECT regexp_replace(split_part(phone, ';', 1), '\D', '', 'g') AS d FROM unnest(phones) AS phone) AS all_digits
    )
    SELECT to_tsvector('simple', concat_ws(' ',
        regexp_replace(words, '[^[:alnum:]]+', ' ', 'g'),
        regexp_replace(translate(words, E'\'\u2019\u02BC', ''), '[^[:alnum:]]+', ' ', 'g'),
        numbers))
    FROM folded, digits
$$;

-- What was typed into the search field: each word is the beginning of one; digits are a number.
CREATE FUNCTION annals_query(typed text) RETURNS tsquery
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT to_tsquery('simple', coalesce(string_agg(quote_literal(word) || ':*', ' & '), ''))
    FROM regexp_split_to_table(
        CASE WHEN typed ~ '^[+0-9 ()./-]+$'
            THEN ltrim(regexp_replace(typed, '\D', '', 'g'), '0')
            ELSE annals_fold(typed) END,
        '[^[:alnum:]]+') AS word
    WHERE word <> ''
$$;

-- Family name first, else the company, else the address.
CREATE FUNCTION annals_sort_name(family text, given text, organisation text, emails text[])
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT annals_fold(coalesce(
        nullif(trim(concat_ws(' ', family, given)), ''), nullif(organisation, ''), emails[1], ''))
$$;
"""


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunSQL(
            FUNCTIONS,
            """
            DROP FUNCTION annals_search;
            DROP FUNCTION annals_query;
            DROP FUNCTION annals_sort_name;
            DROP FUNCTION annals_fold;
            """,
        ),
        migrations.CreateModel(
            name="DeletedContact",
            fields=[
                ("contact_id", models.UUIDField(primary_key=True, serialize=False)),
                (
                    "deleted_at",
                    models.DateTimeField(
                        db_index=True, default=django.utils.timezone.now, verbose_name="deleted"
                    ),
                ),
                ("name", models.CharField(blank=True, max_length=600, verbose_name="name")),
            ],
            options={
                "verbose_name": "deleted contact",
                "verbose_name_plural": "deleted contacts",
            },
        ),
        migrations.CreateModel(
            name="Tag",
            fields=[
                (
                    "name",
                    models.CharField(
                        max_length=50, primary_key=True, serialize=False, verbose_name="name"
                    ),
                ),
            ],
            options={
                "verbose_name": "tag",
                "verbose_name_plural": "tags",
                "ordering": ("name",),
            },
        ),
        migrations.CreateModel(
            name="Contact",
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
                    "honorific",
                    models.CharField(blank=True, max_length=40, verbose_name="honorific"),
                ),
                (
                    "given_name",
                    models.CharField(blank=True, max_length=120, verbose_name="given name"),
                ),
                (
                    "middle_name",
                    models.CharField(blank=True, max_length=120, verbose_name="middle name"),
                ),
                (
                    "family_name",
                    models.CharField(blank=True, max_length=120, verbose_name="family name"),
                ),
                ("suffix", models.CharField(blank=True, max_length=40, verbose_name="suffix")),
                (
                    "organisation",
                    models.CharField(blank=True, max_length=200, verbose_name="company"),
                ),
                (
                    "job_title",
                    models.CharField(blank=True, max_length=200, verbose_name="job title"),
                ),
                (
                    "emails",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.EmailField(max_length=254),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="email",
                    ),
                ),
                (
                    "phones",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="phone",
                    ),
                ),
                ("website", models.URLField(blank=True, max_length=500, verbose_name="website")),
                ("street", models.CharField(blank=True, max_length=300, verbose_name="street")),
                (
                    "postal_code",
                    models.CharField(blank=True, max_length=20, verbose_name="postal code"),
                ),
                ("city", models.CharField(blank=True, max_length=120, verbose_name="city")),
                ("region", models.CharField(blank=True, max_length=120, verbose_name="region")),
                ("country", models.CharField(blank=True, max_length=120, verbose_name="country")),
                (
                    "tags",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=50),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="tags",
                    ),
                ),
                ("notes", models.TextField(blank=True, max_length=10000, verbose_name="notes")),
                (
                    "archived_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="archived"),
                ),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
                (
                    "last_activity_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now,
                        editable=False,
                        verbose_name="last activity",
                    ),
                ),
                (
                    "search",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Func(
                            models.F("given_name"),
                            models.F("middle_name"),
                            models.F("family_name"),
                            models.F("organisation"),
                            models.F("job_title"),
                            models.F("city"),
                            models.F("emails"),
                            models.F("phones"),
                            models.F("tags"),
                            function="annals_search",
                        ),
                        output_field=django.contrib.postgres.search.SearchVectorField(),
                    ),
                ),
                (
                    "sort_name",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Func(
                            models.F("family_name"),
                            models.F("given_name"),
                            models.F("organisation"),
                            models.F("emails"),
                            function="annals_sort_name",
                        ),
                        output_field=models.TextField(db_collation="C"),
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="owner",
                    ),
                ),
            ],
            options={
                "verbose_name": "contact",
                "verbose_name_plural": "contacts",
                "ordering": ("sort_name", "id"),
                "permissions": (
                    ("archive_contact", "Can archive and restore contacts"),
                    ("import_contacts", "Can import contacts"),
                    ("export_contacts", "Can export contacts"),
                ),
                "default_permissions": ("add", "change", "delete", "view"),
            },
        ),
        migrations.CreateModel(
            name="Comment",
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
                ("body", models.TextField(max_length=10000, verbose_name="comment")),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
                ("edited_at", models.DateTimeField(blank=True, null=True)),
                ("deleted_at", models.DateTimeField(blank=True, null=True)),
                (
                    "author",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "deleted_by",
                    models.ForeignKey(
                        blank=True,
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
                        related_name="comments",
                        to="contacts.contact",
                    ),
                ),
            ],
            options={
                "verbose_name": "comment",
                "verbose_name_plural": "comments",
                "permissions": (("moderate_comment", "Can delete another's comment"),),
            },
        ),
        migrations.CreateModel(
            name="HistoricalComment",
            fields=[
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("id", models.UUIDField(default=uuid_utils.compat.uuid7, editable=False)),
                ("body", models.TextField(max_length=10000, verbose_name="comment")),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
                ("edited_at", models.DateTimeField(blank=True, null=True)),
                ("deleted_at", models.DateTimeField(blank=True, null=True)),
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
                    "deleted_by",
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
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "historical comment",
                "verbose_name_plural": "historical comments",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalContact",
            fields=[
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("id", models.UUIDField(default=uuid_utils.compat.uuid7, editable=False)),
                (
                    "honorific",
                    models.CharField(blank=True, max_length=40, verbose_name="honorific"),
                ),
                (
                    "given_name",
                    models.CharField(blank=True, max_length=120, verbose_name="given name"),
                ),
                (
                    "middle_name",
                    models.CharField(blank=True, max_length=120, verbose_name="middle name"),
                ),
                (
                    "family_name",
                    models.CharField(blank=True, max_length=120, verbose_name="family name"),
                ),
                ("suffix", models.CharField(blank=True, max_length=40, verbose_name="suffix")),
                (
                    "organisation",
                    models.CharField(blank=True, max_length=200, verbose_name="company"),
                ),
                (
                    "job_title",
                    models.CharField(blank=True, max_length=200, verbose_name="job title"),
                ),
                (
                    "emails",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.EmailField(max_length=254),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="email",
                    ),
                ),
                (
                    "phones",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="phone",
                    ),
                ),
                ("website", models.URLField(blank=True, max_length=500, verbose_name="website")),
                ("street", models.CharField(blank=True, max_length=300, verbose_name="street")),
                (
                    "postal_code",
                    models.CharField(blank=True, max_length=20, verbose_name="postal code"),
                ),
                ("city", models.CharField(blank=True, max_length=120, verbose_name="city")),
                ("region", models.CharField(blank=True, max_length=120, verbose_name="region")),
                ("country", models.CharField(blank=True, max_length=120, verbose_name="country")),
                (
                    "tags",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=50),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="tags",
                    ),
                ),
                ("notes", models.TextField(blank=True, max_length=10000, verbose_name="notes")),
                (
                    "archived_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="archived"),
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
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="owner",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical contact",
                "verbose_name_plural": "historical contacts",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="ImportRun",
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
                ("file", models.FileField(upload_to=contacts.models.import_state.stored_as)),
                (
                    "format",
                    models.CharField(
                        choices=[
                            ("csv", "CSV"),
                            ("google", "Google Contacts CSV"),
                            ("outlook", "Outlook CSV"),
                            ("vcard", "vCard"),
                        ],
                        max_length=16,
                        verbose_name="format",
                    ),
                ),
                ("digest", models.CharField(max_length=64)),
                ("encoding", models.CharField(max_length=16)),
                ("delimiter", models.CharField(blank=True, max_length=1)),
                ("columns", models.JSONField(default=list)),
                ("targets", models.JSONField(default=list)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "Not started"),
                            ("queued", "Waiting"),
                            ("running", "Running"),
                            ("finished", "Finished"),
                            ("failed", "Failed"),
                            ("stopped", "Stopped"),
                        ],
                        default="draft",
                        max_length=16,
                        verbose_name="state",
                    ),
                ),
                ("total", models.PositiveIntegerField(default=0)),
                ("done", models.PositiveIntegerField(default=0)),
                ("created", models.PositiveIntegerField(default=0, verbose_name="added")),
                ("skipped", models.PositiveIntegerField(default=0, verbose_name="skipped")),
                ("failed", models.PositiveIntegerField(default=0, verbose_name="failed")),
                ("problem", models.TextField(blank=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                (
                    "uploaded_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
                ("started_at", models.DateTimeField(null=True)),
                ("touched_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("finished_at", models.DateTimeField(null=True)),
                (
                    "started_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="started by",
                    ),
                ),
            ],
            options={
                "verbose_name": "import",
                "verbose_name_plural": "imports",
                "ordering": ("-id",),
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="ImportFailure",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("line", models.PositiveIntegerField()),
                ("value", models.TextField(blank=True)),
                ("reason", models.TextField()),
                ("skipped", models.BooleanField()),
                ("cells", models.JSONField(default=list)),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="failures",
                        to="contacts.importrun",
                    ),
                ),
            ],
            options={
                "verbose_name": "failed row",
                "verbose_name_plural": "failed rows",
                "ordering": ("line",),
                "default_permissions": (),
            },
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(models.F("sort_name"), models.F("id"), name="contact_by_name"),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(
                models.OrderBy(models.F("last_activity_at"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                name="contact_by_activity",
            ),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["search"], name="contact_search"
            ),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=django.contrib.postgres.indexes.GinIndex(fields=["tags"], name="contact_tags"),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["emails"], name="contact_emails"
            ),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["phones"], name="contact_phones"
            ),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(
                models.OrderBy(models.F("last_activity_at"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                condition=models.Q(("archived_at__isnull", False)),
                name="contact_archived",
            ),
        ),
        migrations.AddConstraint(
            model_name="contact",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("given_name", ""), _negated=True),
                    models.Q(("family_name", ""), _negated=True),
                    models.Q(("organisation", ""), _negated=True),
                    models.Q(("emails", []), _negated=True),
                    models.Q(("phones", []), _negated=True),
                    _connector="OR",
                ),
                name="contact_has_a_name",
                violation_error_message="Give a name, a company, an email or a phone number, so that this contact can be found again.",
            ),
        ),
        migrations.AddIndex(
            model_name="historicalcomment",
            index=models.Index(fields=["id", "version"], name="comment_version"),
        ),
        migrations.AddIndex(
            model_name="historicalcontact",
            index=models.Index(fields=["id", "version"], name="contact_version"),
        ),
        migrations.AddIndex(
            model_name="importrun",
            index=models.Index(
                models.F("touched_at"),
                condition=models.Q(("state__in", ("draft", "queued", "running"))),
                name="import_unfinished",
            ),
        ),
        migrations.AddConstraint(
            model_name="importfailure",
            constraint=models.UniqueConstraint(
                fields=("run", "line"), name="import_failure_once_a_line"
            ),
        ),
    ]
