from importlib import import_module

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class ActivityConfig(AppConfig):
    """The log of what happens, and the timelines drawn from it."""

    name = "activity"
    verbose_name = _("Activity")

    def ready(self) -> None:
        """Begin to listen: from now on every change is recorded."""
        import_module("activity.checks")
        import_module("activity.receivers")
        import_module("activity.propagation")
        import_module("activity.people")
        unread = import_module("activity.models.notification").UNREAD
        import_module("accounts.user_query").read_along("unread", unread)
        note_settings = import_module("activity.deployment").note_settings
        post_migrate.connect(note_settings, sender=self, dispatch_uid="activity.deployment")
