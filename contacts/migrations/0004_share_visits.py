"""How often people opened the link of a share."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("contacts", "0003_bulk")]

    operations = [
        migrations.AddField(
            model_name=model,
            name="visits",
            field=models.JSONField(blank=True, default=dict),
        )
        for model in ("share", "historicalshare")
    ]
