"""Indexes without what another one answers for, and without the events that have nothing in them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("activity", "0011_cheaper_guards")]

    operations = [
        migrations.RemoveIndex(model_name="activityevent", name="event_by_verb"),
        migrations.AlterField(
            model_name="activityevent",
            name="dedup_key",
            field=models.CharField(max_length=200, null=True),
        ),
        migrations.AddConstraint(
            model_name="activityevent",
            constraint=models.UniqueConstraint(
                fields=["dedup_key"],
                name="event_once",
                condition=models.Q(("dedup_key__isnull", False)),
            ),
        ),
    ]
