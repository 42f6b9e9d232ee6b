"""Notifications are found by whose they are; which are old is looked at once a day."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("activity", "0015_notification")]

    operations = [migrations.RemoveIndex(model_name="notification", name="notification_by_age")]
