"""Of which attempt to send a mail it is known that nothing has left."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("contacts", "0023_lists_of_the_administration")]

    operations = [
        migrations.AddField(
            model_name="delivery",
            name="unsent_attempt",
            field=models.PositiveSmallIntegerField(null=True),
        )
    ]
