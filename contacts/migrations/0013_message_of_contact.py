"""An index by which the messages of a contact are read in their order."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("contacts", "0012_archive_indexes"),
    ]

    operations = [
        migrations.AlterField(
            model_name="message",
            name="contact",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="messages",
                to="contacts.contact",
            ),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                models.F("contact"),
                models.F("created_at"),
                models.F("id"),
                name="message_of_contact",
            ),
        ),
    ]
