from importlib import import_module

from django.apps import AppConfig
from django.conf import settings
from django.contrib.admin import apps as admin_apps
from django.core.exceptions import ImproperlyConfigured
from django.db.models.signals import m2m_changed, post_migrate
from django.utils.translation import gettext_lazy as _

from accounts.roles import Role, grant_permissions


class AccountsConfig(AppConfig):
    """Users, roles, sign-in and preferences."""

    name = "accounts"
    verbose_name = _("Accounts")
    default = True

    def ready(self) -> None:
        """Have the roles' groups made after every `migrate`, and who is in them announced."""
        for listening in ("accounts.checks", "accounts.notices", "accounts.sudo"):
            import_module(listening)
        post_migrate.connect(grant_permissions, sender=self, dispatch_uid="accounts.roles")
        follow = import_module("accounts.changes").follow_membership
        import_module("accounts.second_step").require_of(settings.MFA_REQUIRED_ROLES)
        if settings.OIDC_DEFAULT_ROLE not in {"", *Role.values}:
            raise ImproperlyConfigured(f"OIDC_DEFAULT_ROLE is one of {', '.join(Role.values)}.")
        user = self.get_model("User")
        for members in (user.groups.through, user.user_permissions.through):
            m2m_changed.connect(follow, sender=members)


class AdministrationConfig(admin_apps.AdminConfig):
    """Django admin behind Annals' own sign-in."""

    default = False
    default_site = "accounts.site.AdministrationSite"
