"""Indexes for the administration's lists of deliveries and invitations, while others write."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("contacts", "0022_functions_that_restore")]

    operations = [
        AddIndexConcurrently("delivery", models.Index("recipient", name="delivery_by_recipient")),
        AddIndexConcurrently(
            "delivery",
            models.Index("created_at", name="delivery_taken_back", condition=Q(state="cancelled")),
        ),
        AddIndexConcurrently("invitation", models.Index("state", "id", name="invitation_by_state")),
    ]
