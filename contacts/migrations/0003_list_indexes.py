"""Indexes by which the archive and the owner of a phone number are found."""

import django.contrib.postgres.indexes
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('contacts', '0002_import_digest'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name='contact',
            index=django.contrib.postgres.indexes.GinIndex(fields=['phones'], name='contact_phones'),
        ),
        migrations.AddIndex(
            model_name='contact',
            index=models.Index(models.OrderBy(models.F('last_activity_at'), descending=True), models.OrderBy(models.F('id'), descending=True), condition=models.Q(('archived_at__isnull', False)), name='contact_archived'),
        ),
        migrations.AlterConstraint(
            model_name='contact',
            name='contact_has_a_name',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('given_name', ''), _negated=True), models.Q(('family_name', ''), _negated=True), models.Q(('organisation', ''), _negated=True), models.Q(('emails', []), _negated=True), models.Q(('phones', []), _negated=True), _connector='OR'), name='contact_has_a_name', violation_error_message='Give a name, a company, an email or a phone number, so that this contact can be found again.'),
        ),
    ]
