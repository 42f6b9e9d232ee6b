from importlib import import_module

from django.apps import AppConfig, apps
from django.utils.translation import gettext_lazy as _


class ContactsConfig(AppConfig):
    name = "contacts"
    verbose_name = _("Contacts")

    def ready(self) -> None:
        """Listen to the mail provider, where there is one."""
        if apps.is_installed("anymail"):
            import_module("contacts.mail_events").listen()
