from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _

from accounts.roles import grant_permissions


class AccountsConfig(AppConfig):
    """Users, roles, sign-in and preferences."""

    name = "accounts"
    verbose_name = _("Accounts")
    default = True

    def ready(self) -> None:
        """Have the roles' groups made after every `migrate`."""
        post_migrate.connect(grant_permissions, sender=self, dispatch_uid="accounts.roles")


class AdministrationConfig(admin_apps.AdminConfig):
    """Django admin behind Annals' own sign-in."""

    default = False
    default_site = "accounts.site.AdministrationSite"
