"""How many invitations an address was sent is looked up before each one."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("contacts", "0005_remote_id"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                models.F("recipient"),
                models.F("created_at"),
                condition=models.Q(("invitation__isnull", False)),
                name="delivery_of_invitations",
            ),
        ),
    ]
