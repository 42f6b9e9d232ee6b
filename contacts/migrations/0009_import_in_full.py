"""Imports that update, can be tried and taken back; ids of contacts elsewhere."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# As before, and by the ids that a contact has elsewhere, without whose ids they are.
SEARCH = r"""
CREATE FUNCTION annals_search(
    given text, middle text, family text, organisation text, title text, city text,
    emails text[], phones text[], tags text[], external_ids text[]
) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    WITH folded AS (
        SELECT annals_fold(concat_ws(' ', given, middle, family, organisation, title, city,
            array_to_string(emails, ' '), array_to_string(tags, ' '))) AS words
    ), digits AS (
        SELECT string_agg(concat_ws(' ', d, right(d, 10), right(d, 9), right(d, 7)), ' ') AS numbers
        FROM (SELECT regexp_replace(split_part(phone, ';', 1), '\D', '', 'g') AS d FROM unnest(phones) AS phone) AS all_digits
    ), elsewhere AS (
        SELECT string_agg(concat_ws(' ', id, ltrim(id, '0')), ' ') AS ids
        FROM (SELECT substr(each, strpos(each, ':') + 1) AS id FROM unnest(external_ids) AS each)
            AS all_ids
    )
    SELECT to_tsvector('simple', concat_ws(' ',
        regexp_replace(words, '[^[:alnum:]]+', ' ', 'g'),
        regexp_replace(translate(words, E'\'\u2019\u02BC', ''), '[^[:alnum:]]+', ' ', 'g'),
        numbers, regexp_replace(annals_fold(ids), '[^[:alnum:]]+', ' ', 'g')))
    FROM folded, digits, elsewhere
$$;
"""
UNDO_SEARCH = """
DROP FUNCTION annals_search(text, text, text, text, text, text, text[], text[], text[], text[])
"""
SEARCH_BEFORE = r"""
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
"""
UNDO_SEARCH_BEFORE = """
DROP FUNCTION annals_search(text, text, text, text, text, text, text[], text[], text[])
"""


class Migration(migrations.Migration):
    dependencies = [
        ("contacts", "0008_list_indexes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ImportedContact",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "run",
                        "contact_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="imported",
                        to="contacts.importrun",
                    ),
                ),
                ("contact_id", models.UUIDField()),
                ("line", models.PositiveIntegerField()),
                ("created", models.BooleanField()),
            ],
            options={
                "verbose_name": "imported contact",
                "verbose_name_plural": "imported contacts",
                "default_permissions": (),
            },
        ),
        migrations.RemoveIndex(
            model_name="importrun",
            name="import_unfinished",
        ),
        migrations.AddField(
            model_name="contact",
            name="external_ids",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=200),
                blank=True,
                db_default=[],
                default=list,
                size=None,
                verbose_name="external ids",
            ),
        ),
        migrations.AddField(
            model_name="historicalcontact",
            name="external_ids",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=200),
                blank=True,
                db_default=[],
                default=list,
                size=None,
                verbose_name="external ids",
            ),
        ),
        migrations.AddField(
            model_name="importrun",
            name="dry_run",
            field=models.BooleanField(default=False, verbose_name="dry run"),
        ),
        migrations.AddField(
            model_name="importrun",
            name="existing",
            field=models.CharField(
                choices=[
                    ("skip", "Leave them as they are"),
                    ("fill", "Fill in what is empty"),
                    ("overwrite", "Take what the file says"),
                ],
                default="skip",
                max_length=16,
                verbose_name="contacts that are here already",
            ),
        ),
        migrations.AddField(
            model_name="importrun",
            name="kept",
            field=models.PositiveIntegerField(default=0, verbose_name="kept"),
        ),
        migrations.AddField(
            model_name="importrun",
            name="removed",
            field=models.PositiveIntegerField(default=0, verbose_name="removed"),
        ),
        migrations.AddField(
            model_name="importrun",
            name="reverted_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="reverted by",
            ),
        ),
        migrations.AddField(
            model_name="importrun",
            name="reverted_up_to",
            field=models.UUIDField(null=True),
        ),
        migrations.AddField(
            model_name="importrun",
            name="samples",
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name="importrun",
            name="source",
            field=models.CharField(blank=True, max_length=60, verbose_name="source"),
        ),
        migrations.AddField(
            model_name="importrun",
            name="updated",
            field=models.PositiveIntegerField(default=0, verbose_name="updated"),
        ),
        # The function has one more argument; the column that it fills has to be made anew.
        migrations.RunSQL(SEARCH, UNDO_SEARCH),
        migrations.RemoveIndex(model_name="contact", name="contact_search"),
        migrations.RemoveField(model_name="contact", name="search"),
        migrations.AddField(
            model_name="contact",
            name="search",
            field=models.GeneratedField(
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
                    models.F("external_ids"),
                    function="annals_search",
                ),
                output_field=django.contrib.postgres.search.SearchVectorField(),
            ),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["search"], name="contact_search"
            ),
        ),
        migrations.RunSQL(UNDO_SEARCH_BEFORE, SEARCH_BEFORE),
        migrations.AlterField(
            model_name="importrun",
            name="state",
            field=models.CharField(
                choices=[
                    ("draft", "Not started"),
                    ("queued", "Waiting"),
                    ("running", "Running"),
                    ("finished", "Finished"),
                    ("failed", "Failed"),
                    ("stopped", "Stopped"),
                    ("reverting", "Being reverted"),
                    ("reverted", "Reverted"),
                ],
                default="draft",
                max_length=16,
                verbose_name="state",
            ),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["external_ids"], name="contact_external_ids"
            ),
        ),
        migrations.AddIndex(
            model_name="importrun",
            index=models.Index(
                models.F("touched_at"),
                condition=models.Q(
                    ("state__in", ("draft", "queued", "running", "reverting")),
                    ("dry_run", True),
                    _connector="OR",
                ),
                name="import_unfinished",
            ),
        ),
    ]
